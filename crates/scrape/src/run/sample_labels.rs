//! From exposed labels to stored ones: target labels, conflicts, relabelling, limits.

use model::{Labels, LabelsBuilder};

use crate::config::Job;
use crate::relabel::{NameScheme, apply_all};

/// `None`: dropped by relabelling. The error fails the whole scrape.
pub(crate) fn sample_labels(
    labels: &mut LabelsBuilder,
    target: &Labels,
    job: &Job,
) -> Result<Option<Labels>, String> {
    if let Some(name) = labels.duplicate() {
        let name = name.to_owned();
        return Err(format!(
            "label name {name:?} is not unique: invalid sample in {}",
            labels.build()
        ));
    }
    if let Some(name) = labels.oversized() {
        return Err(format!("label {name:.100?} is too long"));
    }
    add_target_labels(labels, target, job.honor_labels);
    if !apply_all(&job.metric_relabel, labels) {
        return Ok(None);
    }
    let stored = labels.build();
    if stored.is_empty() {
        return Ok(None);
    }
    check(&stored, job)?;
    Ok(Some(stored))
}

/// Whose label wins when both sides have it is `honor`; the loser of a target's label is kept
/// under a name with `exported_` before it.
fn add_target_labels(labels: &mut LabelsBuilder, target: &Labels, honor: bool) {
    let exposed = |labels: &LabelsBuilder, name: &str| {
        labels.get(name).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    if honor {
        for (name, value) in target {
            // An exposed empty value keeps the target's label away.
            if labels.get(name).is_none() {
                labels.set(name, value);
            }
        }
        return;
    }
    let mut conflicts = Vec::new();
    for (name, value) in target {
        if let Some(other) = exposed(labels, name) {
            conflicts.push((name, other));
        }
        labels.set(name, value);
    }
    conflicts.sort_by_key(|(name, _)| name.len());
    for (name, value) in conflicts {
        let mut renamed = format!("exported_{name}");
        while exposed(labels, &renamed).is_some() {
            renamed.insert_str(0, "exported_");
        }
        labels.set(&renamed, &value);
    }
}

fn check(labels: &Labels, job: &Job) -> Result<(), String> {
    let Some(metric) = labels.metric_name() else {
        return Err(format!("missing metric name (__name__ label) in {labels}"));
    };
    let legacy = job.name_scheme == NameScheme::Legacy;
    let plain_metric = model::labels::is_plain_metric_name(metric);
    let named = |name: &str| name == model::METRIC_NAME || job.name_scheme.allows(name);
    if (legacy && !plain_metric) || !labels.iter().all(|(name, _)| named(name)) {
        return Err(format!("invalid metric name or label names: {labels}"));
    }
    let limits = job.limits;
    if limits.labels > 0 && labels.len() as u64 > limits.labels {
        return Err(format!(
            "label_limit exceeded (metric: {metric:.50}, number of labels: {}, limit: {})",
            labels.len(),
            limits.labels
        ));
    }
    for (name, value) in labels {
        let (n, v) = (name.len() as u64, value.len() as u64);
        if limits.label_name_bytes > 0 && n > limits.label_name_bytes {
            return Err(format!(
                "label_name_length_limit exceeded (metric: {metric:.50}, label name: {name:.50}, length: {n}, limit: {})",
                limits.label_name_bytes
            ));
        }
        if limits.label_value_bytes > 0 && v > limits.label_value_bytes {
            return Err(format!(
                "label_value_length_limit exceeded (metric: {metric:.50}, label name: {name:.50}, value: {value:.50?}, length: {v}, limit: {})",
                limits.label_value_bytes
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::sample_labels;
    use crate::config::Job;
    use model::{Labels, LabelsBuilder};

    #[track_caller]
    fn check(job: &Job, exposed: &[(&str, &str)], want: Result<&str, &str>) {
        let target = Labels::from_pairs([("job", "j"), ("instance", "i")]);
        let mut labels = LabelsBuilder::default();
        for (name, value) in exposed {
            labels.push(name, value);
        }
        let got =
            sample_labels(&mut labels, &target, job).map(|l| l.unwrap_or_default().to_string());
        match want {
            Ok(want) => assert_eq!(got, Ok(want.to_owned())),
            Err(want) => assert!(got.as_ref().is_err_and(|e| e.contains(want)), "{got:?}"),
        }
    }

    #[test]
    fn conflicts_are_renamed_or_honoured() {
        let mut job = Job::named("j");
        let m = ("__name__", "m");
        check(&job, &[m], Ok(r#"m{instance="i", job="j"}"#));
        check(&job, &[m, ("job", "x")], Ok(r#"m{exported_job="x", instance="i", job="j"}"#));
        check(
            &job,
            &[m, ("job", "x"), ("exported_job", "y")],
            Ok(r#"m{exported_exported_job="x", exported_job="y", instance="i", job="j"}"#),
        );
        job.honor_labels = true;
        check(&job, &[m, ("job", "x")], Ok(r#"m{instance="i", job="x"}"#));
        check(&job, &[m, ("job", "")], Ok(r#"m{instance="i"}"#));
    }

    #[test]
    fn limits_and_names_fail_the_scrape() {
        let mut job = Job::named("j");
        let m = ("__name__", "m");
        check(&job, &[("a", "b")], Err("missing metric name"));
        check(&job, &[m, ("a", "1"), ("a", "2")], Err("not unique"));
        job.limits.labels = 3;
        check(
            &job,
            &[m, ("a", "b")],
            Err("label_limit exceeded (metric: m, number of labels: 4, limit: 3)"),
        );
        job.limits.labels = 0;
        job.limits.label_name_bytes = 8;
        check(&job, &[m, ("long_name", "b")], Err("label_name_length_limit exceeded"));
        job.limits.label_name_bytes = 0;
        job.limits.label_value_bytes = 2;
        check(&job, &[m, ("a", "bcd")], Err("label_value_length_limit exceeded"));
    }
}
