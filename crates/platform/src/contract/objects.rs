//! What every [`Objects`] store must do.

use crate::{Condition, Etag, ObjectError, Objects};

/// Runs the suite on an empty store.
pub fn objects(store: &dyn Objects) {
    values(store);
    conditions(store);
    ranges(store);
    listing(store);
    bad_keys(store);
}

fn values(store: &dyn Objects) {
    assert!(matches!(store.get("a/b"), Err(ObjectError::NotFound { .. })));
    let first = store.put("a/b", b"one", &Condition::Always).expect("put");
    assert_eq!(store.get("a/b").expect("get"), (b"one".to_vec(), first.clone()));
    let second = store.put("a/b", b"two!", &Condition::Always).expect("replace");
    assert_ne!(first, second);
    assert_eq!(store.get("a/b").expect("get"), (b"two!".to_vec(), second));
    store.put("a/empty", b"", &Condition::Always).expect("an empty value is a value");
    assert!(store.get("a/empty").expect("get").0.is_empty());
    for key in ["a/b", "a/b", "a/empty", "never/was"] {
        store.delete(key).expect("delete, also of what is not there");
    }
    assert!(matches!(store.get("a/b"), Err(ObjectError::NotFound { .. })));
}

fn conditions(store: &dyn Objects) {
    let stale = Etag("no such tag".to_owned());
    let missing = store.put("c", b"x", &Condition::Matches(stale.clone()));
    assert!(matches!(missing, Err(ObjectError::Precondition { .. })));
    let tag = store.put("c", b"1", &Condition::Absent).expect("absent");
    let twice = store.put("c", b"2", &Condition::Absent);
    assert!(matches!(twice, Err(ObjectError::AlreadyExists { .. })));
    let wrong = store.put("c", b"2", &Condition::Matches(stale));
    assert!(matches!(wrong, Err(ObjectError::Precondition { .. })));
    assert_eq!(store.get("c").expect("get").0, b"1", "a refused put writes nothing");
    let next = store.put("c", b"2", &Condition::Matches(tag.clone())).expect("the tag matches");
    let lost = store.put("c", b"3", &Condition::Matches(tag));
    assert!(matches!(lost, Err(ObjectError::Precondition { .. })));
    assert_eq!(store.get("c").expect("get"), (b"2".to_vec(), next));
    store.delete("c").expect("delete");

    let winners: usize = std::thread::scope(|scope| {
        let race = |n: u8| store.put("race", &[n], &Condition::Absent).is_ok();
        let racers: Vec<_> = (0..8).map(|n| scope.spawn(move || race(n))).collect();
        racers.into_iter().map(|r| usize::from(r.join().expect("no panic"))).sum()
    });
    assert_eq!(winners, 1, "exactly one creator wins");
    store.delete("race").expect("delete");
}

fn ranges(store: &dyn Objects) {
    store.put("r", b"0123456789", &Condition::Always).expect("put");
    assert_eq!(store.get_range("r", 2..5).expect("range"), b"234");
    assert_eq!(store.get_range("r", 0..10).expect("range"), b"0123456789");
    let reversed = std::ops::Range { start: 5, end: 4 };
    for range in [3..3, reversed, 5..11, 10..11] {
        let refused = store.get_range("r", range.clone());
        assert!(matches!(refused, Err(ObjectError::InvalidRange { .. })), "{range:?}");
    }
    assert!(matches!(store.get_range("gone", 0..1), Err(ObjectError::NotFound { .. })));
    store.delete("r").expect("delete");
}

fn listing(store: &dyn Objects) {
    for key in ["l/b/2", "l/a", "l/b/1", "l/bc", "m"] {
        store.put(key, key.as_bytes(), &Condition::Always).expect("put");
    }
    let keys = |prefix: &str| -> Vec<String> {
        let found = store.list(prefix).expect("list");
        assert!(found.iter().all(|o| o.len == o.key.len() as u64), "lengths in {found:?}");
        found.into_iter().map(|o| o.key).collect()
    };
    assert_eq!(keys(""), ["l/a", "l/b/1", "l/b/2", "l/bc", "m"]);
    assert_eq!(keys("l/"), ["l/a", "l/b/1", "l/b/2", "l/bc"]);
    assert_eq!(keys("l/b"), ["l/b/1", "l/b/2", "l/bc"]);
    assert_eq!(keys("l/b/"), ["l/b/1", "l/b/2"]);
    assert_eq!(keys("none/of/it"), [""; 0]);
    for key in ["l/b/2", "l/a", "l/b/1", "l/bc", "m"] {
        store.delete(key).expect("delete");
    }
}

fn bad_keys(store: &dyn Objects) {
    let long = "x".repeat(513);
    for key in ["", "/", "a/", "/a", "a//b", "..", "a/../b", ".hidden", "a b", "ü", "a\0", &long] {
        let refused = store.put(key, b"", &Condition::Always);
        assert!(matches!(refused, Err(ObjectError::InvalidKey { .. })), "{key:?}");
        assert!(matches!(store.get(key), Err(ObjectError::InvalidKey { .. })), "{key:?}");
        assert!(matches!(store.delete(key), Err(ObjectError::InvalidKey { .. })), "{key:?}");
    }
}
