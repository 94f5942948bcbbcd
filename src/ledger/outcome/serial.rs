//! An outcome where it is stored, which is its number, and where people read it, which is its code.

use super::Outcome;

impl serde::Serialize for Outcome {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.code())
        } else {
            serializer.serialize_u16(self.number())
        }
    }
}

impl<'de> serde::Deserialize<'de> for Outcome {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let unknown = || serde::de::Error::custom("unknown outcome");
        if deserializer.is_human_readable() {
            let code = alloc::string::String::deserialize(deserializer)?;
            return Self::from_code(&code).ok_or_else(unknown);
        }
        let number = u16::deserialize(deserializer)?;
        Self::from_number(number).ok_or_else(unknown)
    }
}
