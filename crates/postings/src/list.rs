//! One posting list: most label pairs belong to a handful of series, a few to nearly all.

use roaring::RoaringBitmap;

use crate::encoded::EncodedList;

const INLINE_MAX: usize = 8;

/// Ascending series ids; inline up to eight, a compressed bitmap beyond.
#[derive(Clone, Debug)]
pub struct List(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Inline { len: u8, ids: [u32; INLINE_MAX] },
    Bitmap(RoaringBitmap),
}

impl Default for List {
    fn default() -> Self {
        Self(Repr::Inline { len: 0, ids: [0; INLINE_MAX] })
    }
}

impl List {
    /// Adds an id; adding one twice changes nothing. Cheapest in ascending order.
    pub fn insert(&mut self, id: u32) {
        match &mut self.0 {
            Repr::Bitmap(bitmap) => {
                bitmap.insert(id);
            }
            Repr::Inline { len, ids } => {
                let held = usize::from(*len);
                let Err(place) = ids[..held].binary_search(&id) else { return };
                if held < INLINE_MAX {
                    ids.copy_within(place..held, place + 1);
                    ids[place] = id;
                    *len += 1;
                } else {
                    let mut bitmap: RoaringBitmap = ids.iter().copied().collect();
                    bitmap.insert(id);
                    self.0 = Repr::Bitmap(bitmap);
                }
            }
        }
    }

    /// Removes an id; a list that shrinks stays a bitmap.
    pub fn remove(&mut self, id: u32) {
        match &mut self.0 {
            Repr::Bitmap(bitmap) => {
                bitmap.remove(id);
            }
            Repr::Inline { len, ids } => {
                let held = usize::from(*len);
                if let Ok(place) = ids[..held].binary_search(&id) {
                    ids.copy_within(place + 1..held, place);
                    *len -= 1;
                }
            }
        }
    }

    pub fn view(&self) -> ListView<'_> {
        match &self.0 {
            Repr::Inline { len, ids } => ListView::Ids(&ids[..usize::from(*len)]),
            Repr::Bitmap(bitmap) => ListView::Bitmap(bitmap),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }
}

/// A posting list wherever it lives.
#[derive(Clone, Copy, Debug)]
pub enum ListView<'a> {
    Ids(&'a [u32]),
    Bitmap(&'a RoaringBitmap),
    Encoded(EncodedList<'a>),
}

impl ListView<'_> {
    pub fn len(&self) -> u64 {
        match self {
            Self::Ids(ids) => ids.len() as u64,
            Self::Bitmap(bitmap) => bitmap.len(),
            Self::Encoded(list) => u64::from(list.len()),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Unites the list into `out`.
    pub fn add_to(&self, out: &mut RoaringBitmap) {
        match self {
            Self::Ids(ids) => out.extend(ids.iter().copied()),
            Self::Bitmap(bitmap) => *out |= *bitmap,
            Self::Encoded(list) => out.extend(list.ids()),
        }
    }
}
