import type { Keyboard } from '../io.ts';

/** Listens to single keys until it is disposed of; Ctrl-C comes as `'\u0003'`. Without a terminal it hears nothing. */
export function listenToKeys(keyboard: Keyboard, onKey: (key: string) => void): Disposable {
  if (keyboard.isTTY !== true || keyboard.setRawMode === undefined) return { [Symbol.dispose]() {} };
  const listener = (data: Buffer) => {
    const text = data.toString('utf8');
    // An escape sequence is one key (an arrow, a paste bracket) and none of ours.
    if (text.startsWith('\u001b') && text.length > 1) return;
    for (const key of text) onKey(key);
  };
  keyboard.setRawMode(true);
  keyboard.on('data', listener);
  keyboard.resume();
  return {
    [Symbol.dispose]() {
      keyboard.off('data', listener);
      keyboard.setRawMode?.(false);
      keyboard.pause();
    },
  };
}
