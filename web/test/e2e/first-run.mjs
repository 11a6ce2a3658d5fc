/** The first-run stopwatch's browser half: signs in, opens "This host", and ends when every panel shows data. */
import { begin, url } from './journey.mjs';
import { openDashboard, panelsReady } from './steps.mjs';

const { page, end } = await begin('first run');
await end(async () => {
  await openDashboard(page, url, 'orrery-host', '');
  const panels = await panelsReady(page);
  console.log(`${panels.length} panels show data`);
});
