//! A range of addresses in CIDR notation.

use std::net::IpAddr;
use std::str::FromStr;

/// Whom the authentication IP lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_length: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, length) = text.split_once('/').ok_or("it is <address>/<length of the prefix>.")?;
        let address: IpAddr = address.parse().map_err(|_| format!("'{address}' is no IP address."))?;
        let length_max = if address.is_ipv4() { 32 } else { 128 };
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let prefix_length = length.parse().ok().filter(|length| is_number && *length <= length_max);
        let prefix_length = prefix_length.ok_or(format!("the length is a number up to {length_max}."))?;
        Ok(Self { address, prefix_length })
    }
}

impl Network {
    /// Whether the address is in the range. An IPv4 address that IPv6 carries is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let host_bits = |bits: u32| bits - u32::from(self.prefix_length);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.checked_shr(host_bits(32)).unwrap_or_default() == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.checked_shr(host_bits(128)).unwrap_or_default() == 0
            }
            _ => false,
        }
    }

    /// Whether no address of its kind is outside.
    pub fn is_everybody(&self) -> bool {
        self.prefix_length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_range_or_not() {
        for (range, address, expected) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("192.0.2.7/32", "192.0.2.7", true),
            ("192.0.2.7/32", "192.0.2.6", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("192.0.2.0/24", "::ffff:192.0.2.1", true),
            ("192.0.2.0/24", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
            ("::/0", "192.0.2.1", false),
            ("::1/128", "::1", true),
        ] {
            let network: Network = range.parse().expect(range);
            let address = address.parse().expect(address);
            assert_eq!(network.contains(address), expected, "{address} in {range}");
        }
    }

    #[test]
    fn what_is_no_range_is_told() {
        for text in [
            "",
            "192.0.2.1",
            "192.0.2.0/",
            "192.0.2.0/33",
            "192.0.2.0/+8",
            "2001:db8::/129",
            "a/8",
            "192.0.2/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
