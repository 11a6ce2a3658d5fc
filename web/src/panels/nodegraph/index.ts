/** The node graph panel: services and what leads to what, laid out in layers by a worker. */
import type { PanelModule } from '../types';
import { graphTable, readGraph } from './model';
import { GraphView } from './view';

const nodegraph: PanelModule = {
  mount: (host) => new GraphView(host),
  describe: (frames, options) => {
    const { nodes, edges } = readGraph(frames, options);
    const named = nodes.slice(0, 8).map((n) => (n.main === '' ? n.title : `${n.title} (${n.main})`));
    return nodes.length === 0 ? 'Node graph without nodes.' : `Node graph with ${nodes.length} nodes and ${edges.length} edges: ${named.join(', ')}${nodes.length > 8 ? ' and more' : ''}.`;
  },
  toTable: (frames, options) => graphTable(readGraph(frames, options)),
};
export default nodegraph;
