//! `orrery query promql EXPR`: asks a running server and prints the answer for people.

use anyhow::{Context, bail};
use serde_json::Value;

use crate::cli::PromqlArgs;
use crate::print;

pub(crate) fn run(args: &PromqlArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(args))?;
    if args.json {
        return print(&format!("{answer}\n"));
    }
    if answer["status"] != "success" {
        let kind = answer["errorType"].as_str().unwrap_or("error");
        bail!("{kind}: {}", answer["error"].as_str().unwrap_or("the server gave no reason"));
    }
    print(&render(&answer["data"]))
}

async fn ask(args: &PromqlArgs) -> anyhow::Result<Value> {
    let mut form = vec![("query", args.expression.as_str())];
    let mut path = "/api/v1/query";
    if let (Some(start), Some(end)) = (&args.start, &args.end) {
        path = "/api/v1/query_range";
        form.extend([("start", start.as_str()), ("end", end), ("step", &args.step)]);
    } else if let Some(time) = &args.time {
        form.push(("time", time));
    }
    let url = format!("{}{path}", args.server.trim_end_matches('/'));
    // The client is built without a default TLS library; fails only when one is set already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let mut request = reqwest::Client::new().post(&url).form(&form);
    if let Some(tenant) = &args.tenant {
        request = request.header("X-Scope-OrgID", tenant);
    }
    let answer = request.send().await.with_context(|| format!("cannot reach {url}"))?;
    let body = answer.bytes().await?;
    serde_json::from_slice(&body).with_context(|| format!("{url} did not answer in JSON"))
}

/// A line per sample, `series => value @[time]`, as promtool prints them.
fn render(data: &Value) -> String {
    let result = &data["result"];
    let rows = result.as_array().into_iter().flatten();
    let lines: Vec<String> = match data["resultType"].as_str() {
        Some("scalar" | "string") => vec![point(result)],
        Some("vector") => rows
            .map(|sample| {
                let value = sample.get("value").map_or_else(|| histogram(sample), point);
                format!("{} => {value}", series(&sample["metric"]))
            })
            .collect(),
        _ => rows
            .flat_map(|row| {
                let points = row["values"].as_array().into_iter().flatten().map(point);
                std::iter::once(format!("{} =>", series(&row["metric"]))).chain(points)
            })
            .collect(),
    };
    lines.into_iter().map(|line| line + "\n").collect()
}

fn point(sample: &Value) -> String {
    format!("{} @[{}]", sample[1].as_str().unwrap_or_default(), sample[0])
}

fn histogram(sample: &Value) -> String {
    let (t, h) = (&sample["histogram"][0], &sample["histogram"][1]);
    format!("count:{} sum:{} @[{t}]", h["count"], h["sum"])
}

fn series(metric: &Value) -> String {
    let pairs = metric.as_object().into_iter().flatten();
    model::Labels::from_pairs(pairs.map(|(n, v)| (n.as_str(), v.as_str().unwrap_or_default())))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::render;
    use serde_json::json;

    #[test]
    fn prints_a_line_per_sample() {
        let vector = json!({"resultType": "vector", "result": [
            {"metric": {"__name__": "up", "job": "a"}, "value": [1.5, "1"]}]});
        assert_eq!(render(&vector), "up{job=\"a\"} => 1 @[1.5]\n");
        let scalar = json!({"resultType": "scalar", "result": [1, "2"]});
        assert_eq!(render(&scalar), "2 @[1]\n");
        let matrix = json!({"resultType": "matrix", "result": [
            {"metric": {}, "values": [[1, "1"], [2, "3"]]}]});
        assert_eq!(render(&matrix), "{} =>\n1 @[1]\n3 @[2]\n");
    }
}
