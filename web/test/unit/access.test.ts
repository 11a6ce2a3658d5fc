/** Why somebody may: the same answers as the server's rules give. */
import { describe, expect, it } from 'vitest';
import { explain, type Given, type Place } from '../../src/model/access';

const place = (title: string, given: Given[] = [], kind: Place['kind'] = 'folder'): Place => ({ title, kind, given });
const viewer = { login: 'vera', role: 'Viewer', teams: ['Payments'] };

describe('why can X see Y', () => {
  it.each([
    ['the role decides where nothing was given', [place('D', [{ role: 'Viewer', permission: 'View', managed: false }], 'dashboard'), place('F')], 'View', 'the role Viewer decides'],
    ['a team opens a closed folder', [place('D', [], 'dashboard'), place('F', [{ team: 'Payments', permission: 'Edit', managed: true }])], 'Edit', 'the team Payments'],
    ['another team leaves it closed', [place('D', [], 'dashboard'), place('F', [{ team: 'Other', permission: 'Edit', managed: true }])], '', 'permissions of its own'],
    ['the best of several counts', [place('D', [{ role: 'Viewer', permission: 'View', managed: true }, { login: 'vera', permission: 'Admin', managed: true }], 'dashboard')], 'Admin', 'given directly'],
    ['a higher role than one has gives nothing', [place('D', [{ role: 'Editor', permission: 'Edit', managed: true }], 'dashboard')], '', 'neither vera'],
    ['sources are queried', [place('P', [], 'datasource')], 'View', 'query'],
  ])('%s', (_, places, level, words) => {
    const answer = explain(places, viewer);
    expect(answer.level).toBe(level);
    expect(answer.reasons.join(' ')).toContain(words);
  });
  it('administrators may everything', () => {
    expect(explain([place('D', [{ team: 'Other', permission: 'View', managed: true }], 'dashboard')], { ...viewer, role: 'Admin' }).level).toBe('Admin');
  });
});
