/** Runs as soon as the page is there, before the shell's code is: asks what the dashboard that came with the page will ask. */
import { sent } from '../src/api/sent';
import { beginOpening } from '../src/pages/dashboard/begin';

if (sent) beginOpening(sent.dashboard, sent.sources ?? undefined);
