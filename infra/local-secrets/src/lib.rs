//! Secrets Manager and Parameter Store on this machine: the smallest honest subset, from a local file.
