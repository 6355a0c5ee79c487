use mac::Instant;

/// Who wants to be called when: one deadline for each member.
///
/// Members are some dozens and each call changes the deadline of one or two of them, so that to
/// look at all costs less than to keep them in order.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    deadlines: Vec<Instant>,
}

impl Agenda {
    /// Another member, who wants nothing yet. Members are numbered from nought.
    pub(super) fn add(&mut self) -> usize {
        self.deadlines.push(Instant::FAR_FUTURE);
        self.deadlines.len() - 1
    }

    pub(super) fn set(&mut self, member: usize, deadline: Option<Instant>) {
        self.deadlines[member] = deadline.unwrap_or(Instant::FAR_FUTURE);
    }

    /// The earliest deadline, and whose it is: of several the member's that came first.
    pub(super) fn next(&self) -> Option<(Instant, usize)> {
        let earliest = *self.deadlines.iter().min()?;
        let member = self.deadlines.iter().position(|deadline| *deadline == earliest)?;
        (earliest < Instant::FAR_FUTURE).then_some((earliest, member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_of_equals_the_first_member() {
        let at = |ns| Some(Instant::from_nanos(ns));
        let mut agenda = Agenda::default();
        assert_eq!(agenda.next(), None);
        let members = [agenda.add(), agenda.add(), agenda.add()];
        assert_eq!(agenda.next(), None);
        agenda.set(members[2], at(5));
        agenda.set(members[1], at(5));
        agenda.set(members[0], at(7));
        assert_eq!(agenda.next(), Some((Instant::from_nanos(5), members[1])));
        agenda.set(members[1], None);
        assert_eq!(agenda.next(), Some((Instant::from_nanos(5), members[2])));
    }
}
