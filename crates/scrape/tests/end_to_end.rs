//! Real targets over HTTP and in process, a real runtime, a recording sink.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{LabelsBuilder, SampleBatch, Tenant, is_stale};
use parking_lot::Mutex;
use platform::HostClock;
use query::{AppendError, AppendReport, MetricSink, Scope, TenantLimits};
use scrape::config::{Config, Job};
use scrape::{BODY_BYTES_MAX, Health, LocalJob, LocalTarget, Scraper, ScraperOptions};
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Keeps every sample as text by series, and wakes whoever waits for one.
#[derive(Default)]
struct Recorder {
    series: Mutex<BTreeMap<String, Vec<(i64, f64)>>>,
    metadata: Mutex<Vec<String>>,
    changed: Notify,
}

impl MetricSink for Recorder {
    fn append(&self, _: &Scope, batch: &SampleBatch<'_>) -> Result<AppendReport, AppendError> {
        let mut builder = LabelsBuilder::default();
        for series in batch.series {
            builder.clear();
            (batch.decode)(series.raw, &mut builder).expect("scraped labels are valid");
            let points = series.samples.0 as usize..series.samples.1 as usize;
            let points = points.map(|i| (batch.t_ms[i], batch.v[i]));
            self.series.lock().entry(builder.build().to_string()).or_default().extend(points);
        }
        let names =
            batch.metadata.iter().map(|(name, m)| format!("{name} {}", m.metric_type.as_str()));
        self.metadata.lock().extend(names);
        self.changed.notify_waiters();
        Ok(AppendReport { samples: batch.v.len() as u64, ..AppendReport::default() })
    }
}

impl Recorder {
    fn points(&self, series: &str) -> Vec<(i64, f64)> {
        self.series.lock().get(series).cloned().unwrap_or_default()
    }

    /// Waits until the points of a series fit.
    async fn wait(&self, series: &str, fits: impl Fn(&[(i64, f64)]) -> bool) {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                if fits(&self.points(series)) {
                    return;
                }
                changed.await;
            }
        };
        let done = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        assert!(
            done.is_ok(),
            "{series}: {:?}\nof {:#?}",
            self.points(series),
            self.series.lock().keys()
        );
    }

    async fn wait_for_value(&self, series: &str, v: f64) {
        self.wait(series, |points| points.iter().any(|point| point.1 == v)).await;
    }

    async fn wait_for_end(&self, series: &str) {
        self.wait(series, |points| points.last().is_some_and(|point| is_stale(point.1))).await;
    }
}

/// A server whose answer can be changed; it remembers the last request.
#[derive(Default)]
struct Page {
    status: Mutex<String>,
    headers: Mutex<String>,
    body: Mutex<Vec<u8>>,
    request: Mutex<String>,
}

impl Page {
    fn set(&self, status: &str, headers: &str, body: &[u8]) {
        status.clone_into(&mut self.status.lock());
        headers.clone_into(&mut self.headers.lock());
        *self.body.lock() = body.to_vec();
    }

    fn set_text(&self, body: &str) {
        self.set("200 OK", "Content-Type: text/plain; version=0.0.4\r\n", body.as_bytes());
    }
}

async fn serve(page: Arc<Page>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let page = Arc::clone(&page);
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut chunk = [0; 1024];
                while !request.windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut chunk).await {
                        Ok(n) if n > 0 => request.extend_from_slice(&chunk[..n]),
                        _ => return,
                    }
                }
                *page.request.lock() = String::from_utf8_lossy(&request).into_owned();
                let mut answer = {
                    let (status, headers) = (page.status.lock(), page.headers.lock());
                    let length = page.body.lock().len();
                    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")
                }
                .into_bytes();
                answer.extend_from_slice(&page.body.lock());
                stream.write_all(&answer).await.ok();
            });
        }
    });
    address
}

fn options(sink: &Arc<Recorder>, locals: Vec<LocalJob>) -> ScraperOptions {
    ScraperOptions {
        sink: Arc::clone(sink) as Arc<dyn MetricSink>,
        scope: Scope::grant(Tenant::default(), TenantLimits::default(), Vec::new()),
        clock: Arc::new(HostClock::new()),
        registry: Registry::new(),
        locals,
        body_bytes_max: BODY_BYTES_MAX,
    }
}

fn started(config: &Config, options: ScraperOptions) -> Scraper {
    let scraper = Scraper::prepare(config, options).expect("a good configuration");
    assert!(scraper.targets().active.is_empty(), "nothing happens before run");
    scraper.run();
    scraper
}

fn config(address: &str, more: &str) -> Config {
    let text = format!(
        "global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}\nscrape_configs:\n- job_name: web\n  static_configs:\n  - targets: ['{address}']\n    labels: {{env: test}}\n{more}"
    );
    Config::parse(&text).expect("valid")
}

#[tokio::test(flavor = "multi_thread")]
async fn series_begin_change_and_end_with_their_target() {
    let page = Arc::new(Page::default());
    page.set_text("# TYPE a gauge\na{job=\"own\"} 1\nb 2\nc 3 1000\n");
    let address = serve(Arc::clone(&page)).await;
    let sink = Arc::new(Recorder::default());
    let scraper = started(&config(&address, ""), options(&sink, Vec::new()));
    let of = |name: &str| format!(r#"{name}{{env="test", instance="{address}", job="web"}}"#);
    let a = format!(r#"a{{env="test", exported_job="own", instance="{address}", job="web"}}"#);
    sink.wait_for_value(&a, 1.0).await;
    sink.wait_for_value(&of("b"), 2.0).await;
    assert!(sink.points(&of("c")).iter().all(|point| *point == (1000, 3.0)));
    sink.wait_for_value(&of("up"), 1.0).await;
    sink.wait_for_value(&of("scrape_samples_scraped"), 3.0).await;
    sink.wait_for_value(&of("scrape_series_added"), 3.0).await;
    assert!(sink.metadata.lock().contains(&"a gauge".to_owned()));
    assert!(
        page.request.lock().to_lowercase().contains("x-prometheus-scrape-timeout-seconds: 0.25")
    );

    // A series that is no longer exposed ends; one with times of its own does not.
    page.set_text("a{job=\"own\"} 5\n");
    sink.wait_for_end(&of("b")).await;
    sink.wait_for_value(&a, 5.0).await;
    assert!(!sink.points(&of("c")).iter().any(|point| is_stale(point.1)));

    // A page that does not parse ends everything and stores nothing of itself.
    page.set_text("a{job=\"own\"} 6\nb x\n");
    sink.wait_for_end(&a).await;
    sink.wait_for_value(&of("up"), 0.0).await;
    assert!(!sink.points(&a).iter().any(|point| point.1 == 6.0));
    let targets = scraper.targets();
    assert_eq!(targets.active[0].health, Health::Down);
    assert!(targets.active[0].last_error.contains("line 2, column 3"), "{:?}", targets.active);

    page.set("503 Service Unavailable", "", b"");
    let saw_status = async {
        while !scraper.targets().active[0].last_error.contains("HTTP status 503") {
            sink.changed.notified().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), saw_status).await.expect("the status shows");

    page.set_text("a{job=\"own\"} 7\n");
    sink.wait_for_value(&a, 7.0).await;
    scraper.stop().await;
    for series in [&a, &of("up"), &of("scrape_duration_seconds")] {
        assert!(sink.points(series).last().is_some_and(|point| is_stale(point.1)), "{series}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_gzip_and_credentials_hold() {
    use std::io::Write;
    let page = Arc::new(Page::default());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"a 1\nb 2\ndropped 3\n# EOF\n").expect("to memory");
    let headers = "Content-Type: application/openmetrics-text\r\nContent-Encoding: gzip\r\n";
    page.set("200 OK", headers, &gzip.finish().expect("to memory"));
    let address = serve(Arc::clone(&page)).await;
    let sink = Arc::new(Recorder::default());
    let more = "  sample_limit: 2\n  basic_auth: {username: u, password: p}\n  metric_relabel_configs:\n  - {source_labels: [__name__], regex: dropped, action: drop}\n";
    let scraper = started(&config(&address, more), options(&sink, Vec::new()));
    let of = |name: &str| format!(r#"{name}{{env="test", instance="{address}", job="web"}}"#);
    sink.wait_for_value(&of("b"), 2.0).await;
    sink.wait_for_value(&of("scrape_samples_post_metric_relabeling"), 2.0).await;
    sink.wait_for_value(&of("scrape_samples_scraped"), 3.0).await;
    assert!(sink.points(&of("dropped")).is_empty());
    assert!(page.request.lock().contains("Basic dTpw"), "{}", page.request.lock());
    page.set_text("a 1\nb 2\nc 3\n");
    sink.wait_for_value(&of("up"), 0.0).await;
    assert!(sink.points(&of("c")).is_empty());
    assert_eq!(scraper.targets().active[0].last_error, "sample limit exceeded");
    scraper.stop().await;
}

struct Fixed(&'static str);

impl LocalTarget for Fixed {
    fn gather(&self, out: &mut String) {
        out.push_str(self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn local_targets_and_reloads_keep_what_stays() {
    let page = Arc::new(Page::default());
    page.set_text("a 1\nb 2\n");
    let address = serve(Arc::clone(&page)).await;
    let sink = Arc::new(Recorder::default());
    let mut job = Job::named("node");
    job.scrape_interval = Duration::from_millis(250);
    job.scrape_timeout = Duration::from_millis(250);
    let source = Arc::new(Fixed("load1 0.5\n"));
    let local = LocalJob { job, instance: "here:9100".into(), labels: Vec::new(), source };
    let first = config(&address, "");
    let scraper = started(&first, options(&sink, vec![local]));
    sink.wait_for_value(r#"load1{instance="here:9100", job="node"}"#, 0.5).await;
    let of = |name: &str| format!(r#"{name}{{env="test", instance="{address}", job="web"}}"#);
    sink.wait_for_value(&of("b"), 2.0).await;

    // The same target under another rule: what the rule drops ends, what stays has no gap.
    let rule =
        "  metric_relabel_configs:\n  - {source_labels: [__name__], regex: b, action: drop}\n";
    scraper.reload(&config(&address, rule)).await.expect("reloads");
    sink.wait_for_end(&of("b")).await;
    for series in ["a", "up"] {
        assert!(!sink.points(&of(series)).iter().any(|point| is_stale(point.1)), "{series}");
    }
    // A target that is gone ends with its report; local ones are not touched.
    scraper.reload(&Config::default()).await.expect("reloads");
    for series in ["a", "up"] {
        assert!(sink.points(&of(series)).last().is_some_and(|point| is_stale(point.1)), "{series}");
    }
    assert_eq!(scraper.scrape_pools(), ["node"]);
    assert_eq!(scraper.targets().active.len(), 1);
    scraper.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_files_are_followed() {
    let page = Arc::new(Page::default());
    page.set_text("a 1\n");
    let address = serve(Arc::clone(&page)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("targets.json");
    std::fs::write(
        &file,
        format!(r#"[{{"targets": ["{address}"], "labels": {{"from": "file"}}}}]"#),
    )
    .expect("writes");
    let text = "global: {scrape_interval: 250ms, scrape_timeout: 250ms}\nscrape_configs:\n- job_name: f\n  file_sd_configs: [{files: ['*.json'], refresh_interval: 100ms}]\n";
    let main = folder.path().join("prometheus.yml");
    std::fs::write(&main, text).expect("writes");
    let config = Config::load(&main).expect("valid");
    let sink = Arc::new(Recorder::default());
    let scraper = started(&config, options(&sink, Vec::new()));
    let a = format!(r#"a{{from="file", instance="{address}", job="f"}}"#);
    sink.wait_for_value(&a, 1.0).await;
    let discovered = scraper.targets().active[0].discovered_labels.clone();
    assert_eq!(discovered.get("__meta_filepath"), file.to_str());
    std::fs::write(&file, "not a list of groups").expect("writes");
    page.set_text("a 2\n");
    sink.wait_for_value(&a, 2.0).await;
    std::fs::write(&file, "[]").expect("writes");
    sink.wait_for_end(&a).await;
    assert!(scraper.targets().active.is_empty());
    scraper.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_services_are_polled_and_target_limits_hold() {
    let page = Arc::new(Page::default());
    page.set_text("a 1\n");
    let address = serve(Arc::clone(&page)).await;
    let service = Arc::new(Page::default());
    let answer = |targets: &str| {
        let body = format!(r#"[{{"targets": [{targets}], "labels": {{"__meta_zone": "x"}}}}]"#);
        service.set("200 OK", "Content-Type: application/json\r\n", body.as_bytes());
    };
    answer(&format!("{address:?}"));
    let service_address = serve(Arc::clone(&service)).await;
    let text = format!(
        "global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}\nscrape_configs:\n- job_name: h\n  target_limit: 1\n  http_sd_configs: [{{url: 'http://{service_address}/targets', refresh_interval: 100ms}}]\n  relabel_configs: [{{source_labels: [__meta_zone], target_label: zone}}, {{source_labels: [__address__], regex: gone.*, action: drop}}]\n"
    );
    let sink = Arc::new(Recorder::default());
    let scraper = started(&Config::parse(&text).expect("valid"), options(&sink, Vec::new()));
    let of = |name: &str| format!(r#"{name}{{instance="{address}", job="h", zone="x"}}"#);
    sink.wait_for_value(&of("a"), 1.0).await;
    answer(&format!("{address:?}, \"127.0.0.1:1\", \"gone:1\""));
    sink.wait_for_value(&of("up"), 0.0).await;
    let targets = scraper.targets();
    let over = targets.active.iter().find(|t| t.scrape_url.contains(&address)).expect("there");
    assert_eq!(over.last_error, "target_limit exceeded (number of targets: 2, limit: 1)");
    assert_eq!(targets.dropped.len(), 1);
    assert_eq!(targets.dropped_counts["h"], 1);
    // While the service is down, what it said last stays in force.
    answer(&format!("{address:?}"));
    sink.wait(&of("up"), |points| points.last().is_some_and(|point| point.1 == 1.0)).await;
    service.set("500 Internal Server Error", "", b"");
    page.set_text("a 2\n");
    sink.wait_for_value(&of("a"), 2.0).await;
    scraper.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_answer_is_down_and_delays_nobody() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent_address = silent.local_addr().expect("bound").to_string();
    let page = Arc::new(Page::default());
    page.set_text("a 1\n");
    let address = serve(Arc::clone(&page)).await;
    let sink = Arc::new(Recorder::default());
    let two = format!("{address}', '{silent_address}");
    let options = options(&sink, Vec::new());
    let registry = options.registry.clone();
    let health = |want: [u32; 3]| {
        let mut page = String::new();
        registry.render(&mut page, telemetry::Format::Text004);
        for (health, count) in ["up", "down", "unknown"].into_iter().zip(want) {
            let line = format!("orrery_scrape_targets{{health=\"{health}\"}} {count}\n");
            assert!(page.contains(&line), "{line} in\n{page}");
        }
        page
    };
    let scraper = started(&config(&two, ""), options);
    let of = |name: &str, instance: &str| {
        format!(r#"{name}{{env="test", instance="{instance}", job="web"}}"#)
    };
    sink.wait_for_value(&of("up", &silent_address), 0.0).await;
    sink.wait_for_value(&of("up", &address), 1.0).await;
    let targets = scraper.targets().active;
    let down = targets.iter().find(|t| t.scrape_url.contains(&silent_address)).expect("there");
    assert!(down.last_error.contains("context deadline exceeded"), "{down:?}");
    health([1, 1, 0]);
    scraper.stop().await;
    let page = health([0, 0, 0]);
    let none = "orrery_ingest_samples_total{protocol=\"scrape\"} 0\n";
    assert!(
        page.contains("orrery_ingest_samples_total{protocol=\"scrape\"} ") && !page.contains(none),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_lives_while_any_of_its_texts_does() {
    let page = Arc::new(Page::default());
    page.set_text("a{x=\"1\"} 1\na{x=\"2\"} 1\nb 1\n");
    let address = serve(Arc::clone(&page)).await;
    let sink = Arc::new(Recorder::default());
    let rule = "  metric_relabel_configs: [{action: labeldrop, regex: x}]\n";
    let scraper = started(&config(&address, rule), options(&sink, Vec::new()));
    let of = |name: &str| format!(r#"{name}{{env="test", instance="{address}", job="web"}}"#);
    sink.wait_for_value(&of("b"), 1.0).await;
    page.set_text("a{x=\"2\"} 3\n");
    sink.wait_for_end(&of("b")).await;
    sink.wait_for_value(&of("a"), 3.0).await;
    assert!(!sink.points(&of("a")).iter().any(|point| is_stale(point.1)));
    scraper.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_does_not_end_its_series() {
    let page = Arc::new(Page::default());
    page.set_text("a 1\n");
    let address = serve(Arc::clone(&page)).await;
    let sink = Arc::new(Recorder::default());
    let scraper = started(&config(&address, ""), options(&sink, Vec::new()));
    let a = format!(r#"a{{env="test", instance="{address}", job="web"}}"#);
    sink.wait_for_value(&a, 1.0).await;
    scraper.pause().await;
    assert!(!sink.points(&a).iter().any(|point| is_stale(point.1)));
    let before = sink.points(&a).len();
    scraper.reload(&config(&address, "")).await.expect("is ignored");
    assert!(scraper.targets().active.is_empty());
    assert_eq!(sink.points(&a).len(), before);
}
