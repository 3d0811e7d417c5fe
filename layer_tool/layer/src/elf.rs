//! Which machines programs and shared objects are for.

use std::collections::BTreeMap;

/// ELF machines, and the path of the first file that is for each, as mtree(5) escapes it.
pub type Machines = BTreeMap<String, String>;

/// The machine of a shared object that is for none: its header is damaged.
pub const NO_MACHINE: &str = "none";

/// The machine of an ELF program or shared object, by its path and first bytes; None for all else,
/// and for what no processor runs: code of GPUs and DSPs, BPF and the firmware of devices.
///
/// The names are those of Bazel's `@platforms//cpu`, where it has one, else as Linux's
/// distributions have it, else `elf_N` with the number `e_machine` (System V ABI, chapter 4).
#[must_use]
pub fn machine(path: &[u8], start: &[u8]) -> Option<String> {
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
        // Data may look so; what is to be loaded may not.
        (0, ..) => return is_shared_object(path).then(|| NO_MACHINE.to_owned()),
        (3, false, true) => "x86_32",
        (8, false, false) => "mips",
        (8, false, true) => "mipsel",
        (8, true, false) => "mips64",
        (8, true, true) => "mips64el",
        (20, false, false) => "ppc",
        (21, true, false) => "ppc64",
        (21, true, true) => "ppc64le",
        (22, true, false) => "s390x",
        (40, false, false) => "armeb",
        (40, false, true) => "arm",
        (43, true, false) => "sparc64",
        // Its pointers are those of 32 bits, and it needs libraries of its own.
        (62, false, true) => "x32",
        (62, true, true) => "x86_64",
        (183, true, false) => "aarch64_be",
        (183, true, true) => "aarch64",
        (243, false, true) => "riscv32",
        (243, true, true) => "riscv64",
        (258, true, true) => "loongarch64",
        (number, ..) if PROCESSORS.contains(&number) => return Some(format!("elf_{number}")),
        _ => return None,
    };
    Some(name.to_owned())
}

/// `e_machine` of the processors that Linux runs or ran on, so that a program of the image's own
/// may be for it: `include/uapi/linux/elf-em.h` of Linux, without its DSPs (106, 140, 164), the
/// Cell's SPU (23) and BPF (247), and those of its ports that had none there.
const PROCESSORS: [u16; 41] = [
    2, 3, 4, 6, 8, 10, 15, 18, 20, 21, 22, 40, 42, 43, 46, 50, 62, 76, 87, 88, 89, 92, 93, 94, 110,
    113, 167, 174, 175, 183, 188, 189, 191, 195, 243, 252, 258, 0x5441, 0x9026, 0xa390, 0xbeef,
];

/// `x.so`, and `x.so.1` with any more numbers.
fn is_shared_object(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let parts: Vec<_> = name.split(|&byte| byte == b'.').collect();
    parts
        .iter()
        .rposition(|part| part == b"so")
        .is_some_and(|at| at > 0 && parts[at + 1..].iter().all(|part| is_number(part)))
}

fn is_number(part: &[u8]) -> bool {
    !part.is_empty() && part.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn of(path: &str, start: &[u8]) -> Option<String> {
        machine(path.as_bytes(), start)
    }

    #[test]
    fn machines() {
        for (bytes, expected) in [
            (header(2, 1, 3, 62), Some("x86_64")),
            (header(1, 1, 3, 62), Some("x32")),
            (header(2, 1, 2, 183), Some("aarch64")),
            (header(2, 2, 2, 183), Some("aarch64_be")),
            (header(1, 1, 3, 183), Some("elf_183")),
            (header(1, 1, 3, 3), Some("x86_32")),
            (header(1, 1, 3, 40), Some("arm")),
            (header(1, 2, 3, 40), Some("armeb")),
            (header(1, 2, 3, 20), Some("ppc")),
            (header(2, 1, 3, 21), Some("ppc64le")),
            (header(2, 2, 3, 21), Some("ppc64")),
            (header(2, 2, 3, 22), Some("s390x")),
            (header(1, 2, 3, 22), Some("elf_22")),
            (header(1, 2, 3, 8), Some("mips")),
            (header(1, 1, 3, 8), Some("mipsel")),
            (header(2, 2, 3, 8), Some("mips64")),
            (header(2, 1, 3, 8), Some("mips64el")),
            (header(2, 2, 3, 43), Some("sparc64")),
            (header(1, 1, 3, 243), Some("riscv32")),
            (header(2, 1, 3, 243), Some("riscv64")),
            (header(2, 1, 3, 258), Some("loongarch64")),
            (header(1, 2, 3, 4), Some("elf_4")),
            (header(2, 1, 3, 0x9026), Some("elf_36902")),
            (header(2, 1, 3, 0xbeef), Some("elf_48879")),
            // GPUs: of NVIDIA, of AMD, of Intel. Its number has another meaning with its bytes
            // swapped.
            (header(2, 1, 2, 190), None),
            (header(2, 1, 3, 224), None),
            (header(2, 1, 3, 205), None),
            (header(2, 2, 3, 62 << 8), None),
            // DSPs, the Cell's SPU, BPF, what has no name yet.
            (header(1, 1, 3, 164), None),
            (header(1, 1, 2, 140), None),
            (header(1, 2, 2, 23), None),
            (header(2, 1, 3, 247), None),
            (header(2, 1, 3, 0x7777), None),
            // An object file, a core, no class, no order of bytes, a file that ends early.
            (header(2, 1, 1, 62), None),
            (header(2, 1, 4, 62), None),
            (header(0, 1, 3, 62), None),
            (header(3, 1, 3, 62), None),
            (header(2, 3, 3, 62), None),
            (header(2, 1, 3, 62)[..19].to_vec(), None),
            (b"#!/usr/bin/env python3\n".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(of("lib/x.so", &bytes).as_deref(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn shared_objects_for_no_machine() {
        for (path, wrong) in [
            ("x.so", true),
            ("lib/libx.so.1", true),
            ("lib/libx.cpython-311.so.1.22.333", true),
            ("x.so.bak", false),
            ("x.so.", false),
            ("so", false),
            ("x.so/fixture", false),
            ("x.cubin", false),
        ] {
            for kind in [2, 3] {
                let machine = of(path, &header(2, 1, kind, 0));
                assert_eq!(machine.as_deref(), wrong.then_some("none"), "{path}");
            }
            assert_eq!(of(path, &header(2, 1, 1, 0)), None);
        }
    }
}
