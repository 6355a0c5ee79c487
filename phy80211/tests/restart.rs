//! A receiver that was deaf for a while.

mod common;

use common::{noisy, noisy_40, psdu, send_as, silence, through};
use phy80211::{
    Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate, Receiver, RxConfig, TxVector,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn wherever_it_left_off_the_next_ppdu_is_received(
        cut in 0..8000usize,
        gap in 200..900usize,
        is_wide: bool,
        is_ht: bool,
    ) {
        let (bandwidth, width, air) = if is_wide {
            (Bandwidth::Mhz40, HtWidth::Mhz40, noisy_40(30.0))
        } else {
            (Bandwidth::Mhz20, HtWidth::Mhz20, noisy(30.0))
        };
        let ht = HtRate { mcs: Mcs::ALL[3], width, gi: GuardInterval::Long };
        let rate: Rate = if is_ht { ht.into() } else { OfdmRate::Mbps24.into() };
        let vector = TxVector::new(rate, 5);
        let send = |psdu: &[u8], samples: &mut Vec<_>| send_as(bandwidth, &vector, psdu, samples);

        let mut before = vec![];
        silence(300, &mut before);
        send(&psdu(900, 1), &mut before);
        silence(300, &mut before);
        before.truncate(cut);
        let mut after = vec![];
        silence(gap, &mut after);
        send(&psdu(400, 2), &mut after);
        silence(300, &mut after);

        let mut receiver = Receiver::new(RxConfig { bandwidth, ..RxConfig::default() });
        let deaf_from = before.len();
        let (heard, later) = (through(air.clone(), &before), through(air, &after));
        heard.chunks(61).for_each(|chunk| receiver.push(chunk));
        while receiver.next_event().is_some() {}
        receiver.restart();
        prop_assert!(!receiver.is_receiving());
        later.chunks(61).for_each(|chunk| receiver.push(chunk));
        let frame = receiver.next_frame().expect("the frame after the restart");
        prop_assert_eq!(frame.psdu(), Some(&psdu(400, 2)[..]));
        prop_assert!(frame.start.0.abs_diff((deaf_from + gap) as u64) <= 2);
        prop_assert!(receiver.next_frame().is_none());
    }
}
