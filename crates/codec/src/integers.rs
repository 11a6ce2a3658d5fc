//! Runs of integers by the differences that make them smallest.
//!
//! Spec: docs/format/metrics-chunk.md.

use crate::ChunkError;
use crate::packed::{put_run, run_bytes, take_run_into};
use crate::varint::{len_u64, put_i64, take_i64, zigzag};

/// What is packed; the numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The numbers.
    Plain = 0,
    /// The first number, then the steps to the next.
    Steps = 1,
    /// The first number and step, then the changes of steps.
    StepChanges = 2,
}

/// The cheapest shape of some numbers, with the steps worked out on the way.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) shape: Shape,
    /// Bytes that [`put`] will write.
    pub(crate) bytes: usize,
    packed: Vec<i64>,
}

/// Differences of neighbours; sums and differences wrap around.
fn steps(numbers: &[i64]) -> Vec<i64> {
    numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect()
}

/// Looks for the cheapest shape. Cost: about 10 ns a number.
pub(crate) fn plan(numbers: &[i64]) -> Planned {
    let len = |number: Option<&i64>| len_u64(zigzag(number.copied().unwrap_or_default()));
    let steps_run = steps(numbers);
    let changes = steps(&steps_run);
    let plain = run_bytes(numbers);
    let first = len(numbers.first());
    let by_steps = first + run_bytes(&steps_run);
    let by_changes = first + len(steps_run.first()) + run_bytes(&changes);
    if plain <= by_steps.min(by_changes) {
        Planned { shape: Shape::Plain, bytes: plain, packed: numbers.to_vec() }
    } else if by_steps <= by_changes {
        Planned { shape: Shape::Steps, bytes: by_steps, packed: steps_run }
    } else {
        Planned { shape: Shape::StepChanges, bytes: by_changes, packed: changes }
    }
}

/// Appends numbers as planned; the reader must know their count and shape.
pub(crate) fn put(out: &mut Vec<u8>, numbers: &[i64], planned: &Planned) {
    let first = numbers.first().copied().unwrap_or_default();
    if planned.shape != Shape::Plain {
        put_i64(out, first);
    }
    if planned.shape == Shape::StepChanges {
        put_i64(out, numbers.get(1).map_or(0, |second| second.wrapping_sub(first)));
    }
    put_run(out, &planned.packed);
}

/// Takes `count` numbers off the front of `bytes` in place of what `out` held.
pub(crate) fn take(
    bytes: &mut &[u8],
    shape: Shape,
    count: usize,
    out: &mut Vec<i64>,
) -> Result<(), ChunkError> {
    // What it held is overwritten: nothing is cleared for chunks of one length after another.
    out.resize(count, 0);
    let mut stated = [0; 2];
    let heads = match shape {
        Shape::Plain => 0,
        Shape::Steps => 1,
        Shape::StepChanges => 2,
    };
    for number in &mut stated[..heads] {
        *number = take_i64(bytes)?;
    }
    let (head, rest) = out.split_at_mut(heads.min(count));
    head.copy_from_slice(&stated[..head.len()]);
    take_run_into(bytes, rest)?;
    if let (Shape::StepChanges, Some(steps)) = (shape, out.get_mut(1..)) {
        integrate(steps);
    }
    if shape != Shape::Plain {
        integrate(out);
    }
    Ok(())
}

fn integrate(numbers: &mut [i64]) {
    let mut sum = 0_i64;
    for number in numbers {
        sum = sum.wrapping_add(*number);
        *number = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, plan, put, take};
    use proptest::prelude::*;

    #[track_caller]
    fn check(numbers: &[i64]) -> Shape {
        let (planned, mut bytes) = (plan(numbers), Vec::new());
        put(&mut bytes, numbers, &planned);
        assert_eq!(bytes.len(), planned.bytes);
        let (mut rest, mut out) = (&bytes[..], vec![1, 2, 3]);
        assert_eq!(take(&mut rest, planned.shape, numbers.len(), &mut out), Ok(()));
        assert_eq!((rest.len(), &out[..]), (0, numbers));
        planned.shape
    }

    #[test]
    fn the_cheapest_shape_is_taken() {
        let of = |f: fn(i64) -> i64| (0..200).map(f).collect::<Vec<_>>();
        assert_eq!(check(&of(|i| i * 7919 % 100)), Shape::Plain);
        assert_eq!(check(&of(|i| i * 1000 + i * 7919 % 100)), Shape::Steps);
        assert_eq!(check(&of(|i| i * i * 1000)), Shape::StepChanges);
        for few in 0..4 {
            check(&[i64::MIN, i64::MAX, 5][..few.min(3)]);
        }
    }

    proptest! {
        #[test]
        fn all_numbers_come_back(numbers in prop::collection::vec((any::<i64>(), 0_u32..64), 0..400), sums in any::<bool>()) {
            let mut sum = 0_i64;
            let of = |(number, shift): (i64, u32)| {
                sum = if sums { sum.wrapping_add(number >> shift) } else { number >> shift };
                sum
            };
            check(&numbers.into_iter().map(of).collect::<Vec<_>>());
        }
    }
}
