//! User priorities and access categories (10.2.3.2, Table 10-1).

/// An access category of EDCA, numbered as in the elements (9.4.2.28), and in the order of
/// priority but for the first two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessCategory {
    /// Best effort, AC_BE.
    BestEffort,
    /// Background, AC_BK: the lowest.
    Background,
    /// Video, AC_VI.
    Video,
    /// Voice, AC_VO.
    Voice,
}

impl AccessCategory {
    /// All of them, each at its number.
    pub const ALL: [Self; 4] = [Self::BestEffort, Self::Background, Self::Video, Self::Voice];

    /// The category of a TID below 8, which is a user priority; those above are of no category.
    pub fn of_tid(tid: u8) -> Option<Self> {
        match tid {
            0 | 3 => Some(Self::BestEffort),
            1 | 2 => Some(Self::Background),
            4 | 5 => Some(Self::Video),
            6 | 7 => Some(Self::Voice),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_priorities_are_of_each_category() {
        for category in AccessCategory::ALL {
            let tids = (0..=255).filter(|&tid| AccessCategory::of_tid(tid) == Some(category));
            assert_eq!(tids.count(), 2);
        }
        assert_eq!(AccessCategory::of_tid(1), Some(AccessCategory::Background));
        assert_eq!(AccessCategory::ALL[2] as u8, 2);
    }
}
