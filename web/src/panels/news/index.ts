/** The news panel reads feeds of other hosts. This portal asks no other host for anything, so it says so. */
import { text } from '../../model/json';
import { note, portalPanel } from '../portal';

const news = portalPanel<undefined>({
  name: () => 'News: feeds from other hosts are off',
  ask: () => Promise.resolve(undefined),
  draw: (_answer, input) => {
    const feed = text(input.options['feedUrl']);
    return [note(`Feeds from other hosts are off: pages of this portal ask no other host for anything.${feed === '' ? '' : ` The feed of this panel is ${feed}`}`)];
  },
});
export default news;
