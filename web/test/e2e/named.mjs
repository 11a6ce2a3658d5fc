/** The named dashboards and what their pictures are called. */
export const NAMED = [
  'main-dashboard', 'system-overview', 'application-performance', 'database-performance', 'infrastructure-health',
  'distributed-tracing', 'log-analysis', 'alert-overview', 'kubernetes-cluster', 'node-resources', 'obi-network',
  'autoweave-developer', 'autoweave-operations', 'autoweave-business', 'macula-platform',
];

/** Panels that have no data however much is sent: they ask for logs or traces, which are not stored yet. */
export const WITHOUT_DATA = {
  'distributed-tracing': ['Service Map', 'Slow Traces', 'Failed Traces'],
  'log-analysis': [
    'Lines per Second', 'Errors per Second', 'Bytes per Second', 'Streams', 'Lines by Application', 'Errors by Application',
    'Loudest Applications', 'Bytes by Application', 'Error Lines', 'Lines',
  ],
};
