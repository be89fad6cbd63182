//! What is wrong with a field that somebody has filled in.

use serde::{Deserialize, Serialize};

macro_rules! problems {
    ($($name:ident = $word:literal, $meaning:literal;)*) => {
        /// What is wrong with a field, as a word: people's words for it depend on their language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FieldProblem { $(#[doc = $meaning] $name,)* }

        impl FieldProblem {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word used in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $word,)* } }
        }
    };
}

problems! {
    Missing = "missing", "It must be given.";
    Empty = "empty", "It must not be empty.";
    UnknownField = "unknown_field", "There is no such field here.";
    NotOneOf = "not_one_of", "It is none of the values there are.";
    NotAnObject = "not_an_object", "It must be an object, or one of this form.";
    NotAList = "not_a_list", "It must be a list, or one of this form.";
    NotText = "not_text", "It must be text.";
    NotABoolean = "not_a_boolean", "It must be true or false.";
    NotADuration = "not_a_duration", "It must be a duration.";
    NotADate = "not_a_date", "It must be a date.";
    NotATime = "not_a_time", "It must be a point in time.";
    NotATimeOfDay = "not_a_time_of_day", "It must be a time of day.";
    NotATimeZone = "not_a_time_zone", "It must be a time zone.";
    NotAPace = "not_a_pace", "It must be calls per time.";
    NotAnAddress = "not_an_address", "It must be the address of a web server.";
    NotAnEmail = "not_an_email", "It must be an e-mail address.";
    NotAPattern = "not_a_pattern", "It must be a regular expression.";
    NotAnId = "not_an_id", "It cannot be an id or a number of such a thing.";
    NotAReference = "not_a_reference", "It cannot be an order reference.";
    NotACursor = "not_a_cursor", "It is not where a list goes on.";
    NotASecret = "not_a_secret", "It cannot be a secret of this kind.";
    TooLong = "too_long", "It is too long.";
    TooMany = "too_many", "There are too many.";
    OutOfRange = "out_of_range", "It is a number outside the range.";
    ControlCharacters = "control_characters", "It holds line breaks or control characters.";
    IsASecret = "is_a_secret", "It is a secret and belongs among the secrets.";
    CannotChange = "cannot_change", "It cannot be another one here.";
    NotOffered = "not_offered", "The other system cannot do this.";
    OtherRole = "other_role", "It belongs to connections of another role.";
    MustBeChosen = "must_be_chosen", "There is no default that would be safe: a person must choose.";
    UnknownConnection = "unknown_connection", "There is no such connection, or not of this role.";
    NotFound = "not_found", "The other system does not have it.";
    InTheFuture = "in_the_future", "It lies in the future.";
    BelongsElsewhere = "belongs_elsewhere", "It is known to belong to something else.";
    GivenTwice = "given_twice", "It is given more than once.";
    NotTogether = "not_together", "It cannot be given together with another.";
    OneNeeded = "one_needed", "One of several must be given.";
    Unreadable = "unreadable", "It cannot be read.";
    Doubtful = "doubtful", "It may be right, but is probably not what was meant.";
    Invalid = "invalid", "It cannot be used.";
}

#[cfg(test)]
mod tests {
    use super::FieldProblem;

    #[test]
    fn words_and_serialised_names_agree() {
        for problem in FieldProblem::ALL {
            assert_eq!(serde_json::to_value(problem).unwrap(), problem.as_str());
        }
    }
}
