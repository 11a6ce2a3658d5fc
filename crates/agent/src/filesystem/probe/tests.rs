//! A mount that hangs, one that comes back, and one that fails, without any real mount.

use std::sync::{Condvar, Mutex};

use super::*;

const USAGE: Usage = Usage { size: 1.0, free: 1.0, available: 1.0, files: 1.0, files_free: 1.0 };

/// A gate every question for a path with `hung` in its name waits at.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let guard = self.open.lock().expect("no test panics while it holds the gate");
        drop(self.changed.wait_while(guard, |open| !*open).expect("as above"));
    }

    fn open(&self) {
        *self.open.lock().expect("as above") = true;
        self.changed.notify_all();
    }
}

fn gated() -> (Arc<Gate>, Probe) {
    let gate = Arc::new(Gate::default());
    let inner = Arc::clone(&gate);
    let probe = Probe::new(Arc::new(move |path| {
        let path = path.display().to_string();
        if path.contains("hung") {
            inner.pass();
        }
        if path.contains("bad") {
            return Err(io::Error::other("no such device"));
        }
        Ok(USAGE)
    }));
    (gate, probe)
}

fn ask(probe: &mut Probe, paths: &[&str], timeout: Duration) -> Vec<String> {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let outcomes = probe.ask(&paths, timeout).expect("threads can be started");
    outcomes.iter().map(|outcome| outcome.error().to_owned()).collect()
}

/// Long enough that a healthy answer is never missed on a busy machine.
const LONG: Duration = Duration::from_mins(1);

#[test]
fn answers_come_in_the_order_of_the_question() {
    let (_, mut probe) = gated();
    assert_eq!(ask(&mut probe, &["/a", "/bad", "/b", "/a"], LONG), ["", "no such device", "", ""]);
    assert_eq!(ask(&mut probe, &[], LONG), [""; 0]);
}

#[test]
fn a_hung_mount_is_set_aside_until_it_answers() {
    const TIMED_OUT: &str = "mountpoint timeout";
    let (gate, mut probe) = gated();
    assert_eq!(ask(&mut probe, &["/hung"], Duration::from_millis(2)), [TIMED_OUT]);
    assert_eq!(probe.slow.len(), 1);
    // The second time it is not waited for, although there would be all the time in the world.
    assert_eq!(ask(&mut probe, &["/a", "/hung", "/b"], LONG), ["", TIMED_OUT, ""]);

    gate.open();
    // Its thread comes back in its own time, then it is asked like the others.
    let mut asked = 0;
    while ask(&mut probe, &["/hung"], LONG) != [""] {
        asked += 1;
        thread::yield_now();
        assert!(asked < 10_000_000, "the thread never came back");
    }
}

#[test]
fn a_page_waits_no_longer_than_it_may_for_many_hung_mounts() {
    let (gate, mut probe) = gated();
    let paths: Vec<String> = (0..100).map(|index| format!("/hung{index}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for _ in 0..40 {
        ask(&mut probe, &paths, Duration::from_micros(10));
    }
    assert!(probe.slow.len() <= SLOW_MAX, "{} threads wait", probe.slow.len());
    gate.open();
}
