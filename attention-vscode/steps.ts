import * as vscode from 'vscode';

/** Questions asked one after the other in the same box, with a way back to the one before. */

export interface Place {
  title: string;
  step: number;
  totalSteps: number;
}

/** What is given, 'back' for the question before, nothing where all is given up. */
export type Answer<T> = T | 'back' | undefined;

/** Asks all of them; false where it was given up. */
export async function inSteps(title: string, questions: ((place: Place) => Promise<Answer<true>>)[]): Promise<boolean> {
  for (let i = 0; i < questions.length; ) {
    const answer = await questions[i]({ title, step: i + 1, totalSteps: questions.length });
    if (!answer) return false;
    i += answer === 'back' ? -1 : 1;
  }
  return true;
}

function asked<T>(input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox, place: Place, take: () => T | undefined): Promise<Answer<T>> {
  Object.assign(input, place, { ignoreFocusOut: true, buttons: place.step > 1 ? [vscode.QuickInputButtons.Back] : [] });
  return new Promise((resolve) => {
    const done = (answer: Answer<T>) => {
      resolve(answer);
      input.dispose();
    };
    input.onDidAccept(() => {
      const taken = take();
      if (taken !== undefined) done(taken);
    });
    input.onDidTriggerButton(() => done('back'));
    input.onDidHide(() => done(undefined));
    input.show();
  });
}

/** One of a list; `typed` makes an entry of what is typed instead. */
export async function pick<T extends vscode.QuickPickItem>(place: Place, placeholder: string, items: T[], active?: T, typed?: (text: string) => T | undefined): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<T>();
  Object.assign(input, { placeholder, items, matchOnDescription: true, matchOnDetail: true });
  if (active) input.activeItems = [active];
  if (typed)
    input.onDidChangeValue((text) => {
      const made = typed(text);
      input.items = made ? [{ ...made, alwaysShow: true }, ...items] : items;
    });
  return asked(input, place, () => input.activeItems[0]);
}

/** A line of text, which is not taken as long as there is something wrong with it. */
export function type(place: Place, prompt: string, value: string, problem: (text: string) => string | undefined): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  const check = () => {
    input.validationMessage = problem(input.value.trim());
    return input.validationMessage ? undefined : input.value.trim();
  };
  Object.assign(input, { prompt, value });
  input.onDidChangeValue(check);
  return asked(input, place, check);
}
