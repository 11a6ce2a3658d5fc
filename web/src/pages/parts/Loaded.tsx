/** What stands in a page's place until its data is there, when it may not be seen, and when there is none. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/http';
import { boot } from '../../api/boot';

/** In words: who may, and who the visitor is. */
export function NotAllowed({ what, who = 'administrators of the organisation' }: { what: string; who?: string }) {
  return (
    <div className="state">
      <h2>You may not see {what}</h2>
      <p>This is for {who}. You are signed in as {boot.user.login || 'a visitor'} with the role {boot.user.orgRole || 'none'}. Ask an administrator for the right, or sign in as somebody else.</p>
    </div>
  );
}

export function Loaded<T>({ query, what, who, children }: { query: UseQueryResult<T>; what: string; who?: string; children: (data: T) => ReactNode }) {
  const { data, error, refetch } = query;
  if (error instanceof ApiError && error.status === 403) return <NotAllowed what={what} {...(who === undefined ? {} : { who })} />;
  if (error) return <div className="state"><h2>This could not be loaded</h2><p>{error.message}</p><button type="button" className="button" onClick={() => void refetch()}>Try again</button></div>;
  if (data === undefined) return <p className="quiet" role="status">Asking for {what}…</p>;
  return <>{children(data)}</>;
}
