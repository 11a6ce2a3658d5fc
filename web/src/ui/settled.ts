/** Text as it stands once typing pauses: what a server is asked with, instead of once per key. */
import { useEffect, useState } from 'react';

/** Long enough for the next key of somebody who types, short enough not to be waited for. */
const pauseMs = 250;

/** An emptied field counts at once: everything is shown again. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(() => setSettled(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  if (text === '' && settled !== '') setSettled('');
  return text === '' ? '' : settled;
}
