// @vitest-environment happy-dom
/** What fails on a page: one part says so and can be tried again; a panel whose code or picture fails, likewise. */
import { Suspense, useRef, type ComponentType, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usePanelView } from '../../src/pages/dashboard/usePanelView';
import type { PanelInput, PanelModule, PanelPlugin, PanelView } from '../../src/panels/types';
import { CursorBus } from '../../src/query/cursor';
import { Boundary, lazyPart } from '../../src/ui/boundary';
import { mount, type Mounted } from './mounted';

let page: Mounted;
beforeEach(() => {
  // The queue of drawing waits for the page's font, which this document does not know.
  Object.assign(document, { fonts: { load: () => Promise.resolve([]) } });
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
const draw = (node: ReactNode): Promise<void> => page.draw(node);
const press = (): Promise<void> => page.press(page.host.querySelector('button')?.textContent ?? '');
const fallback = (error: unknown, retry: () => void): ReactNode => <button type="button" onClick={retry}>{error instanceof Error ? error.message : ''}</button>;
const bounded = (child: ReactNode, subject?: unknown): ReactNode => <Boundary fallback={fallback} subject={subject}>{child}</Boundary>;
function Part({ bad }: { bad: () => boolean }): ReactNode {
  if (bad()) throw new Error('broken');
  return 'good';
}

test('an error costs the part it is in, and trying again draws it anew', async () => {
  let bad = true;
  await draw(<>beside {bounded(<Part bad={() => bad} />)}</>);
  expect(page.host.textContent).toBe('beside broken');
  expect(console.error).toHaveBeenCalled();
  await press();
  expect(page.host.textContent).toBe('beside broken');
  bad = false;
  await press();
  expect(page.host.textContent).toBe('beside good');
});

test('another subject is tried by itself', async () => {
  await draw(bounded(<Part bad={() => true} />, '/a'));
  await draw(bounded(<Part bad={() => false} />, '/a'));
  expect(page.host.textContent).toBe('broken');
  await draw(bounded(<Part bad={() => false} />, '/b'));
  expect(page.host.textContent).toBe('good');
});

test('a part whose code did not come is asked for again, once per try', async () => {
  const load = vi.fn<() => Promise<{ default: ComponentType<object> }>>()
    .mockRejectedValueOnce(new Error('no network'))
    .mockResolvedValue({ default: () => 'here' });
  const Lazy = lazyPart(load);
  await draw(bounded(<Suspense fallback="waiting"><Lazy /></Suspense>));
  expect(page.host.textContent).toBe('no network');
  expect(load).toHaveBeenCalledTimes(1);
  await press();
  expect(page.host.textContent).toBe('here');
  expect(load).toHaveBeenCalledTimes(2);
});

test('a page whose code did not come is asked for again when it is visited again', async () => {
  const load = vi.fn<() => Promise<{ default: ComponentType<object> }>>()
    .mockRejectedValueOnce(new Error('no network'))
    .mockResolvedValue({ default: () => 'here' });
  const Lazy = lazyPart(load);
  const lazy = <Suspense fallback="waiting"><Lazy /></Suspense>;
  await draw(bounded(lazy, '/a'));
  expect(page.host.textContent).toBe('no network');
  await draw(bounded('elsewhere', '/b'));
  expect(page.host.textContent).toBe('elsewhere');
  await draw(bounded(lazy, '/a'));
  expect(page.host.textContent).toBe('here');
  expect(load).toHaveBeenCalledTimes(2);
});

const cursor = new CursorBus(0);
const input = (options = {}): PanelInput => ({ frames: [], options, size: { width: 10, height: 10 }, theme: 'light', zone: 'utc', range: { from: 0, to: 1 }, interpolate: (t) => t });
const moduleOf = (view: Partial<PanelView>): PanelModule => ({ mount: () => ({ update: () => undefined, destroy: () => undefined, ...view }), describe: () => 'a picture', toTable: () => ({ columns: [], rows: [] }) as never });
const pluginOf = (load: () => Promise<PanelModule>): PanelPlugin => ({ type: 'test', title: 'Test', wants: 'series', wantsRange: false, load });
function Panel({ plugin, shown }: { plugin: PanelPlugin; shown: PanelInput }): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const { failure, retry, module } = usePanelView(element, plugin, shown, { cursor, onRange: () => undefined, onZoomOut: () => undefined });
  return <><div ref={element} /><button type="button" onClick={retry}>{failure ? failure.kind : module ? 'ready' : 'waiting'}</button></>;
}

test('a panel whose code did not come says so, and can be tried again', async () => {
  const load = vi.fn<() => Promise<PanelModule>>().mockRejectedValueOnce(new Error('404')).mockResolvedValue(moduleOf({}));
  const plugin = pluginOf(load);
  const shown = input();
  await draw(<Panel plugin={plugin} shown={shown} />);
  expect(page.host.textContent).toBe('load');
  await press();
  expect(page.host.textContent).toBe('ready');
});

test('a panel that cannot be drawn says so, even when it cannot be taken down, and the next data is tried', async () => {
  const plugin = pluginOf(() => Promise.resolve(moduleOf({
    update: ({ options }) => {
      if (options['bad']) throw new Error('cannot');
    },
    destroy: () => {
      throw new Error('cannot either');
    },
  })));
  await draw(<Panel plugin={plugin} shown={input({ bad: true })} />);
  await vi.waitFor(() => expect(page.host.textContent).toBe('draw'));
  await draw(<Panel plugin={plugin} shown={input()} />);
  await vi.waitFor(() => expect(page.host.textContent).toBe('ready'));
});

test('a picture that fails after it was drawn says so; what called it was in the middle of its work', async () => {
  let later: ((error: unknown) => void) | undefined;
  const destroyed = vi.fn<() => void>();
  const plugin = pluginOf(() => Promise.resolve({ ...moduleOf({}), mount: (_host, ctx) => {
    later = ctx.onFailure;
    return { update: () => undefined, destroy: destroyed };
  } }));
  await draw(<Panel plugin={plugin} shown={input()} />);
  await vi.waitFor(() => expect(later).toBeDefined());
  later?.(new Error('cannot paint'));
  expect(destroyed).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(page.host.textContent).toBe('draw'));
  expect(destroyed).toHaveBeenCalledTimes(1);
  await press();
  await vi.waitFor(() => expect(page.host.textContent).toBe('ready'));
});

test('where only the range differs the picture moves; when that fails the panel says so', async () => {
  const log: string[] = [];
  const plugin = pluginOf(() => Promise.resolve(moduleOf({
    update: ({ range }) => log.push(`update ${range.from}`),
    rescale: ({ from }) => {
      log.push(`rescale ${from}`);
      if (from < 0) throw new Error('before the beginning');
    },
  })));
  const first = input();
  await draw(<Panel plugin={plugin} shown={first} />);
  await vi.waitFor(() => expect(log).toEqual(['update 0']));
  await draw(<Panel plugin={plugin} shown={{ ...first, range: { from: 5, to: 6 } }} />);
  await vi.waitFor(() => expect(log).toEqual(['update 0', 'rescale 5']));
  await draw(<Panel plugin={plugin} shown={{ ...first, frames: [], range: { from: 7, to: 8 } }} />);
  await vi.waitFor(() => expect(log).toEqual(['update 0', 'rescale 5', 'update 7']));
  const frames = first.frames;
  await draw(<Panel plugin={plugin} shown={{ ...first, frames, range: { from: 9, to: 10 } }} />);
  await vi.waitFor(() => expect(log.at(-1)).toBe('update 9'));
  await draw(<Panel plugin={plugin} shown={{ ...first, frames, range: { from: -1, to: 10 } }} />);
  await vi.waitFor(() => expect(page.host.textContent).toBe('draw'));
});
