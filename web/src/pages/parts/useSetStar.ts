/** Sets a star or takes it away; lists that are asked for by their stars are asked for again. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { wordsOf } from '../../model/errors';
import { stars } from '../../query/stars';
import { toast } from '../../ui/toast';

export function useSetStar(): (dashboard: { uid: string; title: string }, on: boolean) => void {
  const client = useQueryClient();
  return useCallback(({ uid, title }, on) => {
    void stars.set(uid, on).catch((error: unknown) => toast(`The star of “${title}” could not be saved: ${wordsOf(error)}`, 'error'))
      .finally(() => client.invalidateQueries({ queryKey: ['dashboards', 'find'] }));
  }, [client]);
}
