use proptest::prelude::*;

use super::*;

const SMSS: u64 = 10;

fn flight(segments: u64) -> (Scoreboard, Seq) {
    let start = Seq::initial(0);
    let mut board = Scoreboard::new(start);
    for n in 0..segments {
        board.send(start + n * SMSS, start + (n + 1) * SMSS, Instant::ZERO);
    }
    (board, start)
}

fn blocks(start: Seq, segments: &[(u64, u64)]) -> SackBlocks {
    segments.iter().map(|&(from, to)| (start + from * SMSS, start + to * SMSS)).collect()
}

#[test]
fn a_segment_is_lost_once_three_above_it_are_sacked() {
    let (mut board, start) = flight(10);
    board.sack(&blocks(start, &[(1, 3)]));
    board.detect_losses(SMSS);
    assert!(!board.first_is_lost());
    assert_eq!(board.sack(&blocks(start, &[(1, 4)])), SMSS);
    board.detect_losses(SMSS);
    assert!(board.first_is_lost());
    assert_eq!((board.next_lost(), board.pipe()), (Some(0), 6 * SMSS));
}

#[test]
fn three_runs_of_sacks_are_enough_too() {
    let start = Seq::initial(0);
    let mut board = Scoreboard::new(start);
    for n in 0..10 {
        board.send(start + n, start + n + 1, Instant::ZERO);
    }
    let tiny: SackBlocks = [1, 3, 5].map(|n| (start + n, start + n + 1)).into_iter().collect();
    board.sack(&tiny);
    board.detect_losses(SMSS);
    assert_eq!(board.next_lost(), Some(0));
    board.retransmit(0, Instant::ZERO);
    assert_eq!(board.next_lost(), None);
    assert_eq!(board.next_doubtful(), Some(2));
}

#[test]
fn a_retransmission_is_in_the_pipe_and_gives_no_round_trip_time() {
    let (mut board, start) = flight(5);
    board.sack(&blocks(start, &[(1, 5)]));
    board.detect_losses(SMSS);
    assert_eq!(board.pipe(), 0);
    board.retransmit(0, Instant::from_nanos(7));
    assert_eq!(board.pipe(), SMSS);
    let acked = board.acknowledge(start + 5 * SMSS, Instant::from_nanos(9));
    assert_eq!((acked.bytes, acked.delivered, acked.rtt), (5 * SMSS, SMSS, None));
    assert!(board.is_empty());
}

#[test]
fn after_a_timeout_what_was_sacked_is_not_sent_again() {
    let (mut board, start) = flight(4);
    board.sack(&blocks(start, &[(1, 2)]));
    board.mark_all_lost();
    let mut again = vec![];
    while let Some(index) = board.next_lost() {
        board.retransmit(index, Instant::ZERO);
        again.push(index);
    }
    assert_eq!((again, board.pipe()), (vec![0, 2, 3], 3 * SMSS));
}

proptest! {
    /// Whatever arrives in whatever order: the running counts are those of a recount.
    #[test]
    fn the_pipe_is_the_sum_over_the_segments(
        events in proptest::collection::vec((0u8..6, 0u64..30, 0u64..10), 1..60),
    ) {
        let (mut board, start) = flight(30);
        let mut una = 0;
        for (event, at, len) in events {
            match event {
                0 => {
                    una = una.max(at);
                    board.acknowledge(start + at * SMSS, Instant::ZERO);
                }
                1 | 2 => {
                    let at = at.max(una);
                    let end = (at + len).min(30);
                    board.sack(&blocks(start, &[(at, end.max(at))]));
                }
                3 => board.detect_losses(SMSS),
                4 => while let Some(index) = board.next_lost() {
                    board.retransmit(index, Instant::ZERO);
                },
                _ => board.mark_all_lost(),
            }
            let sum: u64 = board.segments.iter().map(Sent::in_pipe).sum();
            prop_assert_eq!(board.pipe(), sum);
            let lost = board.segments.iter().position(Sent::is_due_again);
            prop_assert_eq!(board.next_lost(), lost);
        }
    }
}
