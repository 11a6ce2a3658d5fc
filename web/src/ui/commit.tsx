/** Fields that hand over what was typed when they are left, and only when it differs from what is there. */
import { useEffect, useLayoutEffect, useRef, useState, type InputHTMLAttributes, type KeyboardEvent } from 'react';

type Own = 'value' | 'defaultValue' | 'onChange' | 'onBlur' | 'onKeyDown';
interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, Own> {
  value: string;
  /** Called with another text than `value`, on leaving the field and on Enter. */
  onCommit: (text: string) => void;
  /** Also when the field is taken away while it is typed in. Not for what stands in the address: that would lead back to the page. */
  keeps?: boolean;
}

export function CommitInput({ value, onCommit, keeps = false, className = 'input', ...rest }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  const latest = useRef({ value, text, onCommit, keeps });
  useLayoutEffect(() => {
    latest.current = { value, text, onCommit, keeps };
  });
  const commit = (): void => {
    const now = latest.current;
    if (now.text === now.value) return;
    // Leaving after Enter, or going away after leaving, finds the same text: it is handed over once.
    latest.current = { ...now, value: now.text };
    now.onCommit(now.text);
  };
  // A field that is taken away while it is typed in is never left: a page that closes, the browser's Back.
  useEffect(() => () => {
    const last = latest.current;
    if (last.keeps && last.text !== last.value) last.onCommit(last.text);
  }, []);
  const onKeyDown = (e: KeyboardEvent<HTMLInputElement>): void => {
    if (e.key === 'Enter' && !e.nativeEvent.isComposing) commit();
    if (e.key === 'Escape') {
      latest.current = { ...latest.current, text: value };
      setText(value);
    }
  };
  return <input {...rest} className={className} value={text} onChange={(e) => setText(e.target.value)} onBlur={commit} onKeyDown={onKeyDown} />;
}

const wordsIn = (text: string): string[] => text.split(',').map((t) => t.trim()).filter((t) => t !== '');

/** Several words with commas between them. */
export function WordsInput({ value, onCommit, ...rest }: Omit<Props, 'value' | 'onCommit'> & { value: readonly string[]; onCommit: (words: string[]) => void }) {
  return (
    <CommitInput
      {...rest} value={value.join(', ')}
      onCommit={(text) => {
        const words = wordsIn(text);
        if (words.join() !== value.join()) onCommit(words);
      }}
    />
  );
}
