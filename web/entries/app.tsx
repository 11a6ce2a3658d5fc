/** Starts the shell: styles, data cache, router. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import '../src/ui/tokens.css';
import '../src/ui/base.css';
import '../src/panels/panels.css';
import '../src/pages/pages.css';
import { Boundary, PageFailure } from '../src/ui/boundary';
import { App } from '../src/pages/app/App';
import { ApiError } from '../src/api/http';

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

const root = document.getElementById('root');
if (root) createRoot(root).render(<QueryClientProvider client={client}><Boundary fallback={(error, retry) => <PageFailure error={error} retry={retry} />}><App /></Boundary></QueryClientProvider>);
