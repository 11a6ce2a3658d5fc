/** Does something on the server, says how it went, and has the lists that changed asked for again. */
import { useQueryClient } from '@tanstack/react-query';
import { wordsOf } from '../../model/errors';
import { toast } from '../../ui/toast';

type Act = (run: () => Promise<unknown>, done: string, ...keys: string[]) => Promise<boolean>;

export function useAct(): Act {
  const client = useQueryClient();
  return async (run, done, ...keys) => {
    let good = true;
    try {
      await run();
      if (done !== '') toast(done);
    } catch (error) {
      good = false;
      toast(wordsOf(error), 'error');
    }
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
    return good;
  };
}

/** The same for a form, where the form itself says what went wrong. */
export function useSend(): (run: () => Promise<unknown>, done: string, ...keys: string[]) => Promise<void> {
  const client = useQueryClient();
  return async (run, done, ...keys) => {
    await run();
    toast(done);
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}
