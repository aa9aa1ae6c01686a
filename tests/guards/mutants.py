"""All mutants."""

from tests.guards.breaks_asking import ASKING
from tests.guards.breaks_identity import IDENTITY
from tests.guards.breaks_quoting import QUOTING
from tests.guards.breaks_secrets import SECRETS
from tests.guards.breaks_undo import UNDO
from tests.guards.breaks_work import WORK
from tests.guards.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (*IDENTITY, *ASKING, *SECRETS, *QUOTING, *WORK, *UNDO)
