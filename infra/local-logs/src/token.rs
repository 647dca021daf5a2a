//! Where a page begins or ends, as callers carry it to the next page.

use local_service::ApiError;

/// A place between two lines, by its offset in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// Lines after it are wanted.
    Forward(u64),
    /// Lines before it are wanted.
    Backward(u64),
}

impl Token {
    /// `f/` or `b/` and the offset, in digits.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let (direction, offset) = text.split_once('/').ok_or_else(invalid)?;
        let offset = offset.parse().map_err(|_| invalid())?;
        match direction {
            "f" => Ok(Self::Forward(offset)),
            "b" => Ok(Self::Backward(offset)),
            _ => Err(invalid()),
        }
    }

    pub fn offset(self) -> u64 {
        let (Self::Forward(offset) | Self::Backward(offset)) = self;
        offset
    }

    pub fn text(self) -> String {
        match self {
            Self::Forward(offset) => format!("f/{offset:020}"),
            Self::Backward(offset) => format!("b/{offset:020}"),
        }
    }
}

pub(crate) fn invalid() -> ApiError {
    ApiError::client("InvalidParameterException", "The specified nextToken is invalid.")
}
