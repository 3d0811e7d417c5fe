//! Which machines programs and shared objects are for.

use std::collections::BTreeMap;

/// ELF machines, and the path of the first file that is for each, as mtree(5) escapes it.
pub type Machines = BTreeMap<String, String>;

/// The machine of an ELF program or shared object, by its first bytes; None for all else.
///
/// The names are those of Bazel's `@platforms//cpu`, where it has one, else `elf_N`: the
/// number is `e_machine` (System V ABI, chapter 4).
#[must_use]
pub fn machine(start: &[u8]) -> Option<String> {
    const PROGRAM: u16 = 2;
    const SHARED_OBJECT: u16 = 3;

    let header = start.get(..20)?;
    let (wide, little) = match (header.strip_prefix(b"\x7fELF")?[0], header[5]) {
        (class @ (1 | 2), data @ (1 | 2)) => (class == 2, data == 1),
        _ => return None,
    };
    let half = |at: usize| {
        let bytes = [header[at], header[at + 1]];
        if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        }
    };
    if ![PROGRAM, SHARED_OBJECT].contains(&half(16)) {
        return None;
    }
    let name = match (half(18), wide, little) {
        (3, false, true) => "x86_32",
        (20, false, false) => "ppc",
        (21, true, true) => "ppc64le",
        (22, true, false) => "s390x",
        (40, false, true) => "arm",
        (62, true, true) => "x86_64",
        (183, true, true) => "aarch64",
        (243, false, true) => "riscv32",
        (243, true, true) => "riscv64",
        (number, ..) => return Some(format!("elf_{number}")),
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::machine;

    /// The first bytes of an ELF file.
    fn header(class: u8, data: u8, kind: u16, machine: u16) -> Vec<u8> {
        let half = |value: u16| match data {
            2 => value.to_be_bytes(),
            _ => value.to_le_bytes(),
        };
        [
            &[0x7f, b'E', b'L', b'F', class, data, 1, 0][..],
            &[0; 8],
            &half(kind),
            &half(machine),
        ]
        .concat()
    }

    #[test]
    fn machines() {
        for (bytes, expected) in [
            (header(2, 1, 3, 62), Some("x86_64")),
            (header(2, 1, 2, 183), Some("aarch64")),
            (header(1, 1, 3, 3), Some("x86_32")),
            (header(1, 1, 3, 40), Some("arm")),
            (header(1, 2, 3, 20), Some("ppc")),
            (header(2, 1, 3, 21), Some("ppc64le")),
            // The older order of bytes, of which no platform has the name.
            (header(2, 2, 3, 21), Some("elf_21")),
            (header(2, 2, 3, 22), Some("s390x")),
            (header(1, 1, 3, 243), Some("riscv32")),
            (header(2, 1, 3, 243), Some("riscv64")),
            (header(2, 1, 3, 0xbeef), Some("elf_48879")),
            // An object file, a core, no class, no order of bytes, a file that ends early.
            (header(2, 1, 1, 62), None),
            (header(2, 1, 4, 62), None),
            (header(0, 1, 3, 62), None),
            (header(2, 3, 3, 62), None),
            (header(2, 1, 3, 62)[..19].to_vec(), None),
            (b"#!/usr/bin/env python3\n".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(machine(&bytes).as_deref(), expected, "{bytes:?}");
        }
    }
}
