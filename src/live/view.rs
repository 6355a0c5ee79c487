//! How a station is, on all of a terminal.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::canvas::{Canvas, Points};
use ratatui::widgets::{Block, Paragraph, Sparkline};
use ratatui::{DefaultTerminal, Frame};

use super::status::{Status, Trouble};

/// Seconds of goodput that are kept.
const SECONDS: usize = 240;
/// What happened last.
const NOTICES: usize = 6;
/// Of a constellation of unit mean power that is the outermost.
const OUTERMOST: f64 = 1.5;

/// The terminal, which is as it was when this is dropped.
pub struct View {
    terminal: DefaultTerminal,
    /// From and for the host, in kbit/s.
    down: VecDeque<u64>,
    up: VecDeque<u64>,
    notices: VecDeque<String>,
}

impl View {
    /// Takes the terminal.
    pub fn new() -> Result<Self> {
        let terminal = ratatui::try_init().context("--view needs a terminal")?;
        let (down, up, notices) = Default::default();
        Ok(Self { terminal, down, up, notices })
    }

    /// Something has happened.
    pub fn notice(&mut self, text: String) {
        keep(&mut self.notices, text, NOTICES);
    }

    /// Shows how it is.
    pub fn show(&mut self, status: &Status) -> Result<()> {
        keep(&mut self.down, (1e3 * status.down_mbps) as u64, SECONDS);
        keep(&mut self.up, (1e3 * status.up_mbps) as u64, SECONDS);
        let Self { terminal, down, up, notices } = self;
        terminal.draw(|frame| draw(frame, status, [down, up], notices)).context("--view")?;
        Ok(())
    }

    /// Whether whoever sits there has pressed q or Ctrl-C.
    pub fn is_to_end(&self) -> bool {
        let mut end = false;
        while event::poll(Duration::ZERO).unwrap_or(false) {
            if let Ok(Event::Key(key)) = event::read() {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                end |= match key.code {
                    KeyCode::Char('q') | KeyCode::Esc => true,
                    KeyCode::Char('c') => control,
                    _ => false,
                };
            }
        }
        end
    }
}

impl Drop for View {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn keep<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(item);
}

fn draw(
    frame: &mut Frame<'_>,
    status: &Status,
    goodput: [&VecDeque<u64>; 2],
    notices: &VecDeque<String>,
) {
    let [left, right] =
        Layout::horizontal([Constraint::Min(56), Constraint::Max(44)]).areas(frame.area());
    let [down, up, text, below] = Layout::vertical([
        Constraint::Length(5),
        Constraint::Length(5),
        Constraint::Min(14),
        Constraint::Length(NOTICES as u16 + 2),
    ])
    .areas(left);
    let titles = [
        format!("from the host {:.2} Mbit/s", status.down_mbps),
        format!("for the host {:.2} Mbit/s", status.up_mbps),
    ];
    for ((area, data), title) in [down, up].into_iter().zip(goodput).zip(titles) {
        let width = usize::from(area.width.saturating_sub(2));
        let latest: Vec<u64> = data.iter().rev().take(width).rev().copied().collect();
        frame.render_widget(
            Sparkline::default().block(Block::bordered().title(title)).data(&latest),
            area,
        );
    }
    let title =
        format!("{} \"{}\" {}, {:.0} s", status.role, status.ssid, status.address, status.time_s);
    let lines: Vec<Line<'_>> = lines(status).into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(title)), text);
    let notices: Vec<Line<'_>> = notices.iter().map(|text| Line::from(text.as_str())).collect();
    frame.render_widget(Paragraph::new(notices).block(Block::bordered().title("events")), below);
    draw_constellation(frame, status, right);
}

/// What is told in words.
fn lines(status: &Status) -> Vec<String> {
    let mac = &status.mac;
    let percent = |part: u64, all: u64| 100.0 * part as f64 / all.max(1) as f64;
    let mut lines = vec![
        format!(
            "airtime      sends {:.0} %, busy {:.0} %, idle {:.0} %; {} packets wait",
            100.0 * status.airtime.sending,
            100.0 * status.airtime.busy,
            100.0 * status.airtime.idle,
            status.queued,
        ),
        format!(
            "retries      {:.1} % of MPDUs; {:.1} % of PPDUs unanswered; {:.1} MPDUs an A-MPDU",
            percent(mac.acknowledged_retries, mac.acknowledged),
            percent(mac.data_ppdus_unanswered, mac.data_ppdus),
            mac.ampdu_mpdus as f64 / mac.ampdus.max(1) as f64,
        ),
        format!(
            "response     p50 {:.0}, p99 {:.0}, p99.9 {:.0} us after the last sample; lead {:.0} us",
            status.latency.p50_us, status.latency.p99_us, status.latency.p999_us, status.lead_us,
        ),
        format!(
            "host         {:.2} cores, {} priority",
            status.cpu,
            if status.realtime { "real-time" } else { "ordinary" }
        ),
    ];
    if let Some(hack) = &status.hack {
        lines.push(format!(
            "rides        {} sent with {} ACKs, {} heard with {}; {} ACKs drained",
            hack.rides, hack.confirmed, hack.rides_received, hack.delivered, hack.drained,
        ));
    }
    if let Some(heard) = &status.heard {
        lines.push(format!(
            "last heard   {}, SNR {:.1} dB, EVM {:.1} dB, carrier {:+.0} Hz",
            heard.rate.as_deref().unwrap_or("not to be read"),
            heard.snr_db,
            heard.evm_db,
            heard.cfo_hz,
        ));
    }
    let trouble = &status.trouble;
    lines.push(match *trouble == Trouble::default() {
        true => "trouble      none".to_owned(),
        false => format!(
            "trouble      {} overflows ({} samples lost), {} dropped; {} late bursts, \
             {} of them responses",
            trouble.overflows,
            trouble.lost_samples,
            trouble.dropped_samples,
            trouble.late_bursts,
            trouble.missed_responses,
        ),
    });
    lines.push(String::new());
    lines.extend(status.stations.iter().map(|station| {
        let sleeps = if station.sleeps { ", sleeps" } else { "" };
        format!(
            "{}  {:.0} dBm, {}, silent for {:.1} s{sleeps}",
            station.address, station.rssi_dbm, station.rate, station.silent_s
        )
    }));
    lines
}

fn draw_constellation(frame: &mut Frame<'_>, status: &Status, area: Rect) {
    let points = status.heard.iter().flat_map(|heard| &heard.constellation);
    let points: Vec<(f64, f64)> = points.map(|at| (at.re.into(), at.im.into())).collect();
    let canvas = Canvas::default()
        .block(Block::bordered().title("constellation"))
        .marker(Marker::Braille)
        .x_bounds([-OUTERMOST, OUTERMOST])
        .y_bounds([-OUTERMOST, OUTERMOST])
        .paint(|context| context.draw(&Points { coords: &points, color: Color::Cyan }));
    // A character is twice as high as it is wide.
    let height = (area.width / 2).min(area.height);
    frame.render_widget(canvas, Rect { height, ..area });
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::live::status::example;

    #[test]
    fn all_that_matters_is_on_the_screen() {
        let mut terminal = Terminal::new(TestBackend::new(110, 36)).unwrap();
        let (down, up) = ([1000, 2000].into(), [0, 0].into());
        let notices = ["associated".to_owned()].into();
        terminal.draw(|frame| draw(frame, &example(), [&down, &up], &notices)).unwrap();
        let screen = format!("{:?}", terminal.backend().buffer());
        for text in
            ["from the host 12.50 Mbit/s", "02:00:00:00:00:02", "EVM -28.0 dB", "associated"]
        {
            assert!(screen.contains(text), "{text}: {screen}");
        }
    }

    #[test]
    fn a_small_terminal_is_no_reason_to_panic() {
        for (width, height) in [(1, 1), (20, 5), (57, 20)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            let none = VecDeque::new();
            let draw = |frame: &mut Frame<'_>| {
                super::draw(frame, &example(), [&none, &none], &VecDeque::new());
            };
            terminal.draw(draw).unwrap();
        }
    }
}
