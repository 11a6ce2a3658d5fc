/** A data source's form: headers keep their numbers and secrets, nothing unknown is lost. */
import { describe, expect, it } from 'vitest';
import { draftOf, requestOf, sourceProblem, withoutHeader, type SourceRecord } from '../../src/model/datasource';

const record: SourceRecord = {
  uid: 'p', name: 'Prometheus-Tenant', type: 'prometheus', url: 'http://prometheus:9090', access: 'proxy', isDefault: false, basicAuth: false, basicAuthUser: '', withCredentials: false,
  user: '', database: '', readOnly: false, version: 3,
  jsonData: { timeInterval: '15s', somethingNew: { kept: true }, httpHeaderName1: 'X-Tenant-ID', httpHeaderName2: 'X-Other', exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: 'tempo' }] },
  secureJsonFields: { httpHeaderValue1: true, httpHeaderValue2: true },
};

describe('data source form', () => {
  it('comes back as it was when nothing is touched, with no secret in it', () => {
    const request = requestOf(record, draftOf(record));
    expect(request['jsonData']).toEqual(record.jsonData);
    expect(request['secureJsonData']).toEqual({});
    expect(request['version']).toBe(3);
  });
  it('asks for the values of headers that moved up', () => {
    const draft = draftOf(record);
    draft.headers = withoutHeader(draft.headers, 0);
    expect(sourceProblem(draft)).toContain('X-Other');
    draft.headers = draft.headers.map((h) => ({ ...h, value: 'v' }));
    expect(sourceProblem(draft)).toBe('');
    expect(requestOf(record, draft)).toMatchObject({ jsonData: { httpHeaderName1: 'X-Other' }, secureJsonData: { httpHeaderValue1: 'v' } });
  });
  it.each([[{ name: ' ' }, 'name'], [{ url: 'ftp://x' }, 'http'], [{ json: { timeInterval: 'soon' } }, 'duration'], [{ json: { queryTimeout: '1h30m' } }, '']])('%j is answered', (change, words) => {
    const found = sourceProblem({ ...draftOf(record), ...change });
    if (words === '') expect(found).toBe('');
    else expect(found).toContain(words);
  });
});
