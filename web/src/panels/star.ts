/** Sets a star for a person or takes it away; they are told when it is refused. */
import { wordsOf } from '../model/errors';
import { stars } from '../query/stars';
import { toast } from '../ui/toast';

export async function setStar({ uid, title }: { uid: string; title: string }, on: boolean): Promise<void> {
  try {
    await stars.set(uid, on);
  } catch (error) {
    toast(`The star of “${title}” could not be saved: ${wordsOf(error)}`, 'error');
  }
}
