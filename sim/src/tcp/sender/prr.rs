//! Proportional rate reduction (RFC 6937): during fast recovery, as much is sent as keeps the
//! window falling evenly from the flight at the loss to `ssthresh`.

/// The variables of section 3, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prr {
    recover_fs: u64,
    prr_delivered: u64,
    prr_out: u64,
}

impl Prr {
    /// Recovery begins with `recover_fs` bytes outstanding.
    pub fn new(recover_fs: u64) -> Prr {
        Prr { recover_fs: recover_fs.max(1), prr_delivered: 0, prr_out: 0 }
    }

    /// So many bytes were sent.
    pub fn on_sent(&mut self, bytes: u64) {
        self.prr_out += bytes;
    }

    /// An ACK said that `delivered` bytes more have arrived; `pipe` are left. Returns the
    /// congestion window, pipe + sndcnt.
    pub fn window(&mut self, delivered: u64, pipe: u64, ssthresh: u64, mss: u64) -> u64 {
        self.prr_delivered += delivered;
        let sndcnt = if pipe > ssthresh {
            (self.prr_delivered * ssthresh).div_ceil(self.recover_fs).saturating_sub(self.prr_out)
        } else {
            // The slow-start reduction bound.
            let limit = self.prr_delivered.saturating_sub(self.prr_out).max(delivered) + mss;
            limit.min(ssthresh - pipe)
        };
        pipe + sndcnt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flight of 20 segments, one lost, halved: one segment goes out for every two that arrive.
    #[test]
    fn half_of_what_arrives_is_sent() {
        let mut prr = Prr::new(20);
        let mut pipe = 20 - 1;
        let mut sent = vec![];
        for _ in 0..19 {
            pipe -= 1;
            let out = prr.window(1, pipe, 10, 1) - pipe;
            prr.on_sent(out);
            pipe += out;
            sent.push(out);
        }
        assert_eq!(sent.iter().sum::<u64>(), 10);
        assert!(sent.windows(2).all(|two| two.iter().sum::<u64>() <= 2));
        assert_eq!(pipe, 10);
    }

    /// Section 4: after heavy loss the window is rebuilt as in slow start, not in one burst.
    #[test]
    fn after_heavy_loss_two_are_sent_for_each_that_arrives() {
        let mut prr = Prr::new(20);
        assert_eq!(prr.window(1, 3, 10, 1), 3 + 2);
        prr.on_sent(2);
        assert_eq!(prr.window(1, 4, 10, 1), 4 + 2);
    }
}
