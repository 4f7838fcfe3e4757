//! How far a run is, on stderr, where somebody looks.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::book::Book;

const TICK: Duration = Duration::from_millis(200);

pub struct Progress(ProgressBar);

impl Progress {
    pub fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        Self(bar.with_style(style("{spinner} {msg}")))
    }

    pub fn phase(&self, words: &'static str) {
        self.0.set_message(words);
        self.0.enable_steady_tick(TICK);
    }

    /// From now on it shows how many of the book's signals are answered.
    pub fn count(&self, book: &Arc<Book>) {
        self.0.set_message("of all signals are answered");
        self.0.set_length(book.entries.len() as u64);
        self.0.set_style(style("{bar:40} {pos} of {len} {msg}, {elapsed}"));
        let (bar, book) = (self.0.clone(), Arc::downgrade(book));
        tokio::spawn(async move {
            // Until the run lets go of its book.
            while let Some(book) = book.upgrade() {
                bar.set_position((book.entries.len() - book.unanswered()) as u64);
                drop(book);
                tokio::time::sleep(TICK).await;
            }
        });
    }

    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a template of our own reads")
}
