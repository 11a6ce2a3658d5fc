/** Starts the shell: styles, data cache, router. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import '../src/ui/tokens.css';
import '../src/ui/base.css';
import '../src/panels/panels.css';
import '../src/pages/pages.css';
import { Boundary, PageFailure } from '../src/ui/boundary';
import { App } from '../src/pages/app/App';
import { ApiError } from '../src/api/http';
import { sent } from '../src/api/sent';
import { beginOpening } from '../src/pages/dashboard/begin';
import { dashboardQuery, followStars, keepSent } from '../src/query/dashboards';
import { sourcesQuery } from '../src/query/sources';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only a server out of reach is worth another try.
      retry: (count, error) => count < 2 && error instanceof ApiError && error.status === 0,
    },
  },
});

/** How long the first drawing waits for a dashboard that is on its way since before this code was: drawing twice takes longer. */
const waitMs = 50;

followStars(client);

const root = document.getElementById('root');
const draw = (): void => {
  if (root) startTransition(() => createRoot(root).render(<QueryClientProvider client={client}><Boundary fallback={(error, retry) => <PageFailure error={error} retry={retry} />}><App /></Boundary></QueryClientProvider>));
};
if (sent) {
  keepSent(client, sent.uid, sent.dashboard);
  if (sent.sources) client.setQueryData(sourcesQuery.queryKey, sent.sources);
  draw();
} else if (window.orreryEarly) {
  const { pathname } = location;
  const query = dashboardQuery(window.orreryEarly.uid);
  const dashboard = client.prefetchQuery(query).then(() => {
    const doc = client.getQueryData(query.queryKey);
    // Whoever has gone on meanwhile asks for something else.
    if (doc && location.pathname === pathname) beginOpening(doc, undefined);
  });
  void Promise.race([dashboard, new Promise((resolve) => { setTimeout(resolve, waitMs); })]).then(draw);
} else draw();
