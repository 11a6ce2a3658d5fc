//! Files that are good, and files that are refused with their line.

use serde_json::json;

use super::{Environment, MatchOperator, StateWithoutResult, read_alerting};

const RULES: &str = r#"apiVersion: 1
groups:
  - name: g
    folder: f
    interval: 1m
    rules:
      - uid: u
        title: t
        condition: C
        for: 5m
        noDataState: OK
        panelId: "7"
        annotations: {summary: '{{ $labels.host }} in ${ENV}', n: 5}
        labels: {team: $ENV}
        data:
          - refId: C
            datasourceUid: __expr__
            relativeTimeRange: {from: 600, to: 0}
            model: {type: math, expression: $A > 1}
      - uid: r
        title: recorded
        record: {metric: m, from: A}
        data: [{refId: A, datasourceUid: d, model: {expr: up}}]
deleteRules: [{uid: old, orgId: 3}]
"#;

#[test]
fn every_kind_is_read_into_its_fields() {
    let environment = Environment::from([("ENV".to_owned(), "prod".to_owned())]);
    let file = read_alerting(RULES, &environment).unwrap();
    let group = &file.groups[0];
    assert_eq!((group.org_id, group.interval_ms, group.rules.len()), (1, 60_000, 2));
    let rule = &group.rules[0];
    assert_eq!(
        (rule.for_ms, rule.no_data, rule.error),
        (300_000, StateWithoutResult::Ok, StateWithoutResult::Alerting)
    );
    assert_eq!((rule.panel_id, rule.labels["team"].as_str()), (Some(7), "prod"));
    assert_eq!(rule.annotations["summary"], "{{ $labels.host }} in prod");
    assert_eq!(
        (rule.data[0].from_seconds, &rule.data[0].model["expression"]),
        (600, &json!("$A > 1"))
    );
    assert_eq!(group.rules[1].record.as_ref().unwrap().metric, "m");
    assert_eq!((file.delete_rules[0].org_id, file.delete_rules[0].of.as_str()), (3, "old"));

    let text = r#"
contactPoints:
  - {orgId: 2, name: ops, receivers: [{uid: u, type: slack, settings: {token: "${ENV}", text: '{{ $x }}'}}]}
deleteContactPoints: [{uid: gone}]
policies:
  - receiver: ops
    group_by: [alertname]
    group_wait: 30s
    routes:
      - object_matchers: [[team, =~, a|b]]
        matchers: ['severity != "low"']
        match: {x: y}
        continue: true
        mute_time_intervals: [nights]
resetPolicies: [1, 2]
muteTimes:
  - name: nights
    time_intervals:
      - {times: [{start_time: '00:00', end_time: '24:00'}], weekdays: ['monday:friday'], months: ['1:3', may], days_of_month: ['1:-1'], years: ['2020:2022', 2030], location: Europe/Berlin}
deleteMuteTimes: [{name: days}]
templates: [{name: t, template: '{{ define "t" }}$y{{ end }}'}]
deleteTemplates: [{name: s}]
"#;
    let file = read_alerting(text, &environment).unwrap();
    let receiver = &file.contact_points[0].receivers[0];
    assert_eq!(receiver.settings, json!({ "token": "prod", "text": "{{ $x }}" }));
    assert!(!format!("{receiver:?}").contains("prod"), "secrets stay out of logs");
    let root = &file.policies[0].root;
    assert_eq!((root.group_wait_ms, root.routes[0].is_continued), (Some(30_000), true));
    let matchers: Vec<_> = root.routes[0]
        .matchers
        .iter()
        .map(|m| (m.label.as_str(), m.operator, m.value.as_str()))
        .collect();
    assert_eq!(
        matchers,
        [
            ("team", MatchOperator::Matches, "a|b"),
            ("severity", MatchOperator::NotEqual, "low"),
            ("x", MatchOperator::Equal, "y")
        ]
    );
    assert_eq!(file.reset_policies, [1, 2]);
    let interval = &file.mute_timings[0].intervals[0];
    assert_eq!(
        (interval.times[0], interval.weekdays[0], interval.months[1]),
        ((0, 1440), (1, 5), (5, 5))
    );
    assert_eq!(
        (interval.days_of_month[0], interval.years.clone()),
        ((1, -1), vec![(2020, 2022), (2030, 2030)])
    );
    assert_eq!(file.templates[0].template, "{{ define \"t\" }}$y{{ end }}");
    assert!(read_alerting("# nothing", &environment).unwrap().groups.is_empty());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let check = |from: &str, to: &str, want: &str| {
        let text = RULES.replacen(from, to, 1);
        assert_ne!(text, RULES, "{from}");
        let error = read_alerting(&text, &Environment::new()).unwrap_err().to_string();
        assert_eq!(error, want);
    };
    check("name: g", "name: ''", "line 3: rule group has no name");
    check("folder: f", "folder:", "line 3: rule group \"g\" has no folder");
    check(
        "interval: 1m",
        "interval: 1x",
        "line 5: interval: unknown unit \"x\" in duration \"1x\"",
    );
    check("uid: u\n", "uid:\n", "line 7: rule \"t\" has no uid");
    check("condition: C", "condition: ''", "line 7: rule \"t\" has no condition");
    check("noDataState: OK", "noDataState: Error", "line 11: unknown noDataState \"Error\"");
    check("panelId: \"7\"", "panelId: seven", "line 12: panelId is not a whole number: \"seven\"");
    let broken = read_alerting(
        "groups:
  - name: [
",
        &Environment::new(),
    )
    .unwrap_err();
    assert!(broken.to_string().starts_with("line "), "{broken}");
    let check = |text: &str, want: &str| {
        let error = read_alerting(text, &Environment::new()).unwrap_err().to_string();
        assert_eq!(error, want, "{text}");
    };
    check(
        "contactPoints:\n- name: a\n  receivers:\n  - {uid: ' ', type: email, settings: {addresses: a}}",
        "line 4: a receiver of \"a\" has no uid",
    );
    check(
        "contactPoints:\n- name: a\n  receivers:\n  - {uid: u, type: pigeon, settings: {a: b}}",
        "line 4: a receiver of \"a\" has the unknown type \"pigeon\"",
    );
    check(
        "contactPoints: [{name: a, receivers: [{uid: u, type: email, settings: {x: y}}]}]",
        "line 1: email of \"a\" needs the setting \"addresses\"",
    );
    check("contactPoints: {a: b}", "line 1: contactPoints is not a list");
    check("policies:\n- group_by: [a]", "line 2: notification policy has no receiver");
    check(
        "policies:\n- receiver: a\n  routes:\n  - object_matchers: [[a, '==', b]]",
        "line 4: unknown match operator \"==\"",
    );
    check(
        "muteTimes:\n- name: a\n  time_intervals:\n  - weekdays: ['friday:monday']",
        "line 4: \"friday:monday\" is no range of weekdays",
    );
    check(
        "muteTimes:\n- name: a\n  time_intervals:\n  - times: [{start_time: '9:00', end_time: '10:00'}]",
        "line 4: start_time is no time of day: \"9:00\"",
    );
    check("templates:\n- name: a", "line 2: template \"a\" has no text");
    check("just text", "line 1: the file is not an object");
}
