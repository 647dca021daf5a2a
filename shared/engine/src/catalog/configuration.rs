//! One key of an action's configuration.

/// What a configuration key takes, and what of it cannot be honoured here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigurationKey {
    pub name: &'static str,
    pub required: bool,
    /// Never shown again: `****` stands for the stored value.
    pub secret: bool,
    /// What the provider assumes when the key is omitted.
    pub default: Option<&'static str>,
    /// The only values that the provider takes; empty when it takes any. Compared without case.
    pub allowed: &'static [&'static str],
    /// Values of CodePipeline that this build does not carry out, each with what to do instead.
    pub refused_values: &'static [(&'static str, &'static str)],
    /// Whether the value is JSON as text: variables are filled into its strings, so that no value changes its
    /// structure.
    pub json: bool,
    /// Set when the key itself cannot be honoured: what to do instead.
    pub refused: Option<&'static str>,
}

impl ConfigurationKey {
    pub(super) const fn optional(name: &'static str) -> Self {
        Self {
            name,
            required: false,
            secret: false,
            default: None,
            allowed: &[],
            refused_values: &[],
            json: false,
            refused: None,
        }
    }

    pub(super) const fn required(name: &'static str) -> Self {
        Self { required: true, ..Self::optional(name) }
    }

    /// A key that takes `true` or `false`.
    pub(super) const fn boolean(name: &'static str, default: &'static str) -> Self {
        Self { allowed: &["true", "false"], ..Self::optional(name).defaults_to(default) }
    }

    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(super) const fn defaults_to(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    pub(super) const fn one_of(mut self, allowed: &'static [&'static str]) -> Self {
        self.allowed = allowed;
        self
    }

    pub(super) const fn except(mut self, refused: &'static [(&'static str, &'static str)]) -> Self {
        self.refused_values = refused;
        self
    }

    pub(super) const fn json(mut self) -> Self {
        self.json = true;
        self
    }

    pub(super) const fn not_honoured(mut self, instead: &'static str) -> Self {
        self.refused = Some(instead);
        self
    }

    /// Whether it is one of those that say what the action works on: in the sample response of ListActionTypes
    /// (API reference) those are the required keys that are no secrets.
    pub fn is_key(&self) -> bool {
        self.required && !self.secret
    }

    /// Whether it is true or false.
    pub fn is_boolean(&self) -> bool {
        self.allowed == ["true", "false"]
    }
}
