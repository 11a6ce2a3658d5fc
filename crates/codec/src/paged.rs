//! A vector that grows page by page: for millions of small records that live together.
//!
//! A plain vector doubles, so on average a third of it is spare room, and while it moves it is
//! held twice. Here only the last page has room to spare, and nothing moves.

const PAGE_BITS: u32 = 9;
/// Records of a page.
const PAGE_LEN: usize = 1 << PAGE_BITS;

/// Records by number; they are added at the end and never taken away.
///
/// The first page grows as a vector does, so that a small one is small.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Paged<T> {
    pub fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1) * PAGE_LEN;
        full + self.pages.last().map_or(0, Vec::len)
    }

    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Adds a record; its number is the length before. Cost: O(1), moves at most one page.
    #[inline]
    pub fn push(&mut self, record: T) {
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE_LEN => page.push(record),
            None => self.pages.push(vec![record]),
            Some(_) => {
                let mut page = Vec::with_capacity(PAGE_LEN);
                page.push(record);
                self.pages.push(page);
            }
        }
    }

    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        self.pages.get(number >> PAGE_BITS)?.get(number % PAGE_LEN)
    }

    #[inline]
    pub fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.pages.get_mut(number >> PAGE_BITS)?.get_mut(number % PAGE_LEN)
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flatten()
    }

    /// Bytes of heap held, not counting what the records own. Cost: O(1).
    pub fn heap_bytes(&self) -> usize {
        let full = self.pages.len().saturating_sub(1) * PAGE_LEN;
        let records = full + self.pages.last().map_or(0, Vec::capacity);
        records * size_of::<T>() + self.pages.capacity() * size_of::<Vec<T>>()
    }
}

impl<T> std::ops::Index<usize> for Paged<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: usize) -> &T {
        &self.pages[number >> PAGE_BITS][number % PAGE_LEN]
    }
}

impl<T> std::ops::IndexMut<usize> for Paged<T> {
    #[inline]
    fn index_mut(&mut self, number: usize) -> &mut T {
        &mut self.pages[number >> PAGE_BITS][number % PAGE_LEN]
    }
}

impl<T> Extend<T> for Paged<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, records: I) {
        for record in records {
            self.push(record);
        }
    }
}

impl<T> FromIterator<T> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = T>>(records: I) -> Self {
        let mut paged = Self::default();
        paged.extend(records);
        paged
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGE_LEN, Paged};

    #[test]
    fn numbers_stay_and_little_room_is_spare() {
        let count = 3 * PAGE_LEN + 7;
        let mut paged: Paged<u64> = (0..count as u64).collect();
        assert_eq!((paged.len(), paged.get(count)), (count, None));
        paged[PAGE_LEN] += 1;
        let want = |i: usize| i as u64 + u64::from(i == PAGE_LEN);
        assert!((0..count).all(|i| paged[i] == want(i) && paged.get(i) == Some(&want(i))));
        assert_eq!(paged.iter().count(), count);
        assert!(paged.heap_bytes() <= 8 * (count + PAGE_LEN) + 8 * 24);
        let one: Paged<u64> = [1].into_iter().collect();
        assert!(one.heap_bytes() < 200, "a small one is small");
        assert!(Paged::<u8>::default().is_empty());
    }
}
