@echo off
set "app=%~dp0..\out\dotnet\bin\Cli\release\attention.exe"
if not exist "%app%" (
  echo attention: not built yet: %~dp0..: run "npm start" or "npm run build" first 1>&2
  exit /b 1
)
set "ATTENTION_COMMAND=%~0"
"%app%" %*
