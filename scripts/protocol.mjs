// Writes protocol/messages.ts anew from the C# records in server/Server/Protocol.
import { run } from './run.mjs';

run('dotnet', ['test', 'tests/Attention.Tests', '-c', 'Release', '--filter', 'FullyQualifiedName~ProtocolTests', '-v', 'quiet'], { env: { UPDATE_GOLDEN: '1' } });
