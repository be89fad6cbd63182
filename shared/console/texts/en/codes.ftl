# Codes and reasons.

codes-title = Codes and reasons
codes-lead = What each means, why it usually happens, and what to do about it, step by step.
codes-attempt = Why an attempt failed
codes-hold = What an export waits for
codes-skip = Why something was left out
codes-finding = What was found about an order
codes-check = What a check of a connection found
codes-problem = Why a call or a page was refused
codes-exports = Exports that this is said of
codes-name = Name in the API and in the log:
