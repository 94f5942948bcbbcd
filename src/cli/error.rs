//! How a command fails: what kind of failure, what happened, why, and what to do about it.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use serde::Serialize;

use crate::client::ClientError;
use crate::wire::ErrorCode;

/// A failed command. [`super::output::Output`] prints it, nothing else does.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
    hint: Option<String>,
    /// The exit code, where the command says more by it than the kind does.
    exit: Option<u8>,
}

/// What kind of failure it is; the exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The command line asks for something that cannot be.
    Usage,
    /// `node.toml`, its environment or its flags are wrong.
    Config,
    /// A file, a key or a terminal.
    File,
    /// The node cannot be reached, or does not answer as one.
    Network,
    /// The node cannot be started, or failed.
    Node,
    /// The node or its ledger said no.
    Refused,
    /// What was checked does not hold.
    Invalid,
    /// What reads standard output has gone away: nobody is left to tell.
    Closed,
}

impl Kind {
    /// 1: the answer is no. 2: there is no answer.
    const fn exit(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Refused | Self::Invalid => 1,
            _ => 2,
        }
    }
}

/// A failure as JSON on stderr, for `--output json`.
#[derive(Debug, Serialize)]
pub(super) struct FailureView<'a> {
    kind: Kind,
    message: &'a str,
    causes: Vec<String>,
    hint: Option<&'a str>,
    exit: u8,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            message: message.to_string(),
            cause: None,
            hint: None,
            exit: None,
        }
    }

    /// The command line asks for something that cannot be.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// There is no answer that could be relied on.
    pub(crate) fn unanswered(message: impl fmt::Display) -> Self {
        Self::new(Kind::Network, message)
    }

    /// The same failure as one that leaves open what the answer is: exit code 2.
    #[must_use]
    pub(crate) fn into_unanswered(mut self) -> Self {
        if self.kind.exit() == 1 {
            self.kind = Kind::Network;
        }
        self
    }

    /// The same failure with an exit code of the command's own, unless it has one already, or nobody is
    /// left to tell.
    #[must_use]
    pub(crate) fn ending(mut self, exit: u8) -> Self {
        if self.kind != Kind::Closed {
            self.exit = self.exit.or(Some(exit));
        }
        self
    }

    fn exit(&self) -> u8 {
        self.exit.unwrap_or(self.kind.exit())
    }

    /// Adds why it failed.
    #[must_use]
    pub(crate) fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Whether nothing was said yet about what to do.
    pub(crate) fn has_no_hint(&self) -> bool {
        self.hint.is_none()
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit())
    }

    /// Whether the node or its ledger said no.
    pub(crate) fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }

    /// Whether there is nobody left to tell.
    pub(super) fn is_silent(&self) -> bool {
        self.kind == Kind::Closed
    }

    /// The message, each cause and the hint, a line each.
    pub(super) fn lines(&self) -> (String, Vec<String>, Option<&str>) {
        (self.message.clone(), self.causes(), self.hint.as_deref())
    }

    fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut cause: Option<&(dyn Error + 'static)> = match &self.cause {
            Some(cause) => Some(&**cause),
            None => None,
        };
        while let Some(error) = cause {
            let text = error.to_string();
            // Many errors repeat their source, as a whole or at their end.
            if causes.last().is_none_or(|last| !last.ends_with(&text)) {
                causes.push(text);
            }
            cause = error.source();
        }
        causes
    }

    pub(super) fn view(&self) -> FailureView<'_> {
        FailureView {
            kind: self.kind,
            message: &self.message,
            causes: self.causes(),
            hint: self.hint.as_deref(),
            exit: self.exit(),
        }
    }
}

/// Standard output is closed, or full.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Kind::Closed, error),
            _ => Self::new(Kind::File, "the output cannot be written").because(error),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let (kind, message) = match &error {
            // The node has more to walk: neither yes nor no.
            ClientError::Problem { .. } if error.code() == Some(ErrorCode::ReadUnfinished) => {
                (Kind::Network, error.to_string())
            }
            ClientError::Problem { problem, .. } => (
                Kind::Refused,
                format!("the node answers {}: {}", problem.code, problem.detail),
            ),
            ClientError::Address(_) => (Kind::Usage, error.to_string()),
            ClientError::Tls { .. } => (Kind::Usage, error.to_string()),
            ClientError::Receipt(_)
            | ClientError::ReceiptForm(_)
            | ClientError::ReceiptForOther(_)
            | ClientError::LogKey { .. } => {
                (Kind::Invalid, "the node's answer does not hold".into())
            }
            _ => (Kind::Network, "the node cannot be asked".into()),
        };
        let hint = match &error {
            ClientError::Problem { problem, .. } => {
                let places: Vec<_> = problem
                    .errors
                    .iter()
                    .map(|e| format!("{} at {}", e.code, e.pointer))
                    .collect();
                let explain = format!("`quittance explain {}` says what to do", problem.code);
                Some(if places.is_empty() {
                    explain
                } else {
                    format!("{}; {explain}", places.join(", "))
                })
            }
            ClientError::Transport { .. } => Some(
                "is the node running? `--url` names it; `data/run.json` has its addresses".into(),
            ),
            ClientError::LogKey { retired: true, .. } => Some(
                "the node says that its log retired your key: get the new one from the operators by \
                 another way than this; `quittance audit --kept` with a checkpoint or receipt that \
                 your key has signed shows whether it is so"
                    .into(),
            ),
            ClientError::LogKey { .. } => Some(
                "this is another log than you trust, or somebody stands between: go no further"
                    .into(),
            ),
            _ => None,
        };
        let shown = matches!(
            error,
            ClientError::Problem { .. } | ClientError::Address(_) | ClientError::Tls { .. }
        );
        let mut failure = Self::new(kind, message);
        failure.hint = hint;
        if shown {
            failure
        } else {
            failure.because(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_no_from_no_answer() {
        for (kind, exit) in [
            (Kind::Usage, 2),
            (Kind::Invalid, 1),
            (Kind::Refused, 1),
            (Kind::Closed, 0),
        ] {
            assert_eq!(kind.exit(), exit);
        }
    }

    #[test]
    fn causes_are_told_once_each() {
        #[derive(Debug, thiserror::Error)]
        #[error(transparent)]
        struct Outer(#[from] io::Error);
        let failure = Failure::usage("no")
            .because(Outer(io::Error::other("disk")))
            .hint("look");
        assert_eq!(
            failure.lines(),
            ("no".into(), vec!["disk".into()], Some("look"))
        );
    }
}
