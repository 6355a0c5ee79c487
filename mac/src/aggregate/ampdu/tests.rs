use super::*;
use proptest::prelude::*;

fn build(before: &[u8], spacing: usize, mpdus: &[Vec<u8>]) -> (Vec<u8>, AmpduLayout) {
    let mut out = before.to_vec();
    let mut builder = AmpduBuilder::new(&mut out, spacing);
    mpdus.iter().for_each(|mpdu| builder.push(mpdu));
    let layout = builder.layout();
    (out.split_off(before.len()), layout)
}

fn found(psdu: &[u8]) -> Vec<&[u8]> {
    let mpdu = |item| match item {
        AmpduItem::Mpdu { bytes, .. } => Some(bytes),
        AmpduItem::Gap { .. } => None,
    };
    AmpduSubframes::new(psdu).filter_map(mpdu).collect()
}

fn mpdus() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 1..12)
}

proptest! {
    #[test]
    fn what_is_built_is_found(before: Vec<u8>, spacing in 0..300usize, mpdus in mpdus()) {
        let (psdu, layout) = build(&before, spacing, &mpdus);
        prop_assert_eq!(psdu.len(), layout.len());
        let tried = mpdus.iter().fold(AmpduLayout::new(spacing), |l, mpdu| l.with(mpdu.len()));
        prop_assert_eq!(tried, layout);
        let mut starts = vec![];
        for item in AmpduSubframes::new(&psdu) {
            let AmpduItem::Mpdu { offset, bytes } = item else { panic!("{item:?}") };
            prop_assert_eq!(&psdu[offset..offset + bytes.len()], bytes);
            starts.push(offset);
        }
        prop_assert!(starts.iter().all(|start| start % 4 == 0));
        prop_assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= spacing));
        prop_assert_eq!(found(&psdu), mpdus);
    }

    #[test]
    fn every_byte_of_any_psdu_is_accounted_for(psdu in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut end = 0;
        for item in AmpduSubframes::new(&psdu) {
            let (offset, len) = match item {
                AmpduItem::Mpdu { offset, bytes } => (offset, bytes.len()),
                AmpduItem::Gap { offset, len } => (offset, len),
            };
            prop_assert!(offset >= end && len > 0);
            end = offset + len;
        }
        prop_assert!(end <= psdu.len());
    }

    /// Payloads of zeros cannot be taken for delimiters, so that nothing is left to chance.
    #[test]
    fn a_damaged_delimiter_costs_its_mpdu_only(
        lengths in proptest::collection::vec(1..200usize, 2..8),
        spacing in 0..300usize,
        which: prop::sample::Index,
        byte in 0..4usize,
        flip in 1..=255u8,
    ) {
        let mpdus: Vec<_> = lengths.iter().map(|&length| vec![0; length]).collect();
        let (mut psdu, _) = build(&[], spacing, &mpdus);
        let which = which.index(mpdus.len());
        let offsets: Vec<_> = AmpduSubframes::new(&psdu)
            .map(|item| match item {
                AmpduItem::Mpdu { offset, .. } => offset,
                AmpduItem::Gap { .. } => panic!("nothing is damaged yet"),
            })
            .collect();
        psdu[offsets[which] - 4 + byte] ^= flip;
        let mut expected = mpdus;
        expected.remove(which);
        prop_assert_eq!(found(&psdu), expected);
        let gaps = AmpduSubframes::new(&psdu).filter(|item| matches!(item, AmpduItem::Gap { .. }));
        let gaps: Vec<_> = gaps.collect();
        prop_assert_eq!(gaps.len(), 1);
        let is_there =
            matches!(gaps[0], AmpduItem::Gap { offset, .. } if offset == offsets[which] - 4);
        prop_assert!(is_there);
    }
}

#[test]
fn an_aggregate_of_an_independent_generator_is_built_alike() {
    // gen80211a.py, make_psdu with two MPDUs, here of 5 and 6 bytes.
    let (psdu, _) = build(&[], 0, &[vec![1, 2, 3, 4, 5], vec![6; 6]]);
    assert_eq!(psdu, crate::test_hex::hex("5000554e010203040500000060006a4e060606060606"));
}

#[test]
fn a_length_past_the_end_is_damage() {
    let (psdu, _) = build(&[], 0, &[vec![1; 9], vec![2; 50]]);
    assert_eq!(found(&psdu[..psdu.len() - 1]), [[1; 9]]);
    let last = AmpduSubframes::new(&psdu[..psdu.len() - 1]).last();
    assert_eq!(last, Some(AmpduItem::Gap { offset: 16, len: 53 }));
}

#[test]
fn padding_at_the_end_is_no_gap() {
    let (mut psdu, _) = build(&[], 0, &[vec![1; 9]]);
    psdu.extend([0; 3]);
    psdu.extend(Delimiter::new(0).emit());
    psdu.extend(Delimiter::new(0).emit());
    assert_eq!(AmpduSubframes::new(&psdu).count(), 1);
    psdu.extend([9; 3]);
    assert_eq!(AmpduSubframes::new(&psdu).count(), 1);
    psdu.push(9);
    assert_eq!(AmpduSubframes::new(&psdu).last(), Some(AmpduItem::Gap { offset: 24, len: 4 }));
}

#[test]
#[should_panic(expected = "does not fit a delimiter")]
fn an_mpdu_too_long_for_its_delimiter_is_our_mistake() {
    build(&[], 0, &[vec![0; 4096]]);
}
