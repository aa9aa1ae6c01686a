"""What stands on the standby's host where tablespaces and WAL are to go, outside the data directory."""

from dataclasses import dataclass

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.preflight.survey import DU_MAY_TAKE
from pgrepl_tui.steps.standby.outside import Tablespace, version_folder

LOOK = r"""
data=$1 version=$2
shift 2
say() { printf '%s.%s=%s\n' "$number" "$1" "$2"; }
owner() {
    for link in "$data"/pg_tblspc/[0-9]* "$data".pgrepl-*/pg_tblspc/[0-9]*; do
        [ ! -L "$link" ] || [ "$(readlink -f -- "$link")" != "$(readlink -f -- "$1")" ] || { echo "$link"; return; }
    done
}
number=0
while [ $# -gt 0 ]; do
    home=$1 coming=$2
    shift 2
    near=$home
    while [ ! -e "$near" ]; do near=$(dirname -- "$near"); done
    say near "$near"
    say device "$(stat -Lc %d -- "$near")"
    say free_kb "$(df -Pk -- "$near" | sed -n '2s/^.* \([0-9][0-9]*\)  *[0-9][0-9]*% .*/\1/p')"
    [ ! -w "$near" ] || say writable yes
    [ ! -L "$home" ] || [ -e "$home" ] || say kind "dangling link"
    [ ! -e "$home" ] || say kind "$(stat -Lc %F -- "$home")"
    [ ! -d "$home" ] || say identity "$(stat -Lc %d:%i -- "$home")"
    [ ! -d "$home" ] || say owner "$(stat -Lc %U -- "$home")"
    [ ! -d "$home" ] || [ -z "$(ls -A -- "$home")" ] || say filled yes
    say real "$(readlink -f -- "$home" || printf '%s' "$home")"
    [ ! -e "$home/$version" ] || say taken yes
    [ ! -e "$home/$version" ] || say by "$(owner "$home")"
    [ "$coming" = "$home" ] || [ ! -e "$coming" ] || say new_kb "$(du -sk -- "$coming" 2>/dev/null | cut -f1)"
    number=$((number + 1))
done
exit 0
"""
"""$1 the standby's data directory, $2 the name of the folder of a server's version, then for each place the folder that
it is to have and the one into which it is copied first. `by`: through which link what is there belongs to a cluster."""


@dataclass(frozen=True)
class Place:
    """A tablespace, and what was found where it is to go."""

    space: Tablespace
    said: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    def number(self, name: str) -> int:
        """A figure; 0 where it is not known."""
        text = self[name]
        return int(text) if text.isdigit() else 0


async def look(ctx: Context, spaces: tuple[Tablespace, ...]) -> list[Place]:
    """Look at the place of each tablespace."""
    if not spaces:
        return []
    side = ctx.standby
    folders = [folder for space in spaces for folder in (space.home, space.coming)]
    argv = ("/bin/sh", "-c", LOOK, "sh", side.cluster.data, version_folder(ctx.primary), *folders)
    shown = spoken(f"survey {' '.join(space.home for space in spaces)}")
    result = await side.host.run(Command(argv, user=side.cluster.os_user, shown=shown, quiet_for=DU_MAY_TAKE))
    said: list[dict[str, str]] = [{} for _ in spaces]
    for row in result.text.splitlines():
        number, _, rest = row.partition(".")
        name, _, value = rest.partition("=")
        if number.isdigit() and int(number) < len(said):
            said[int(number)][name] = value
    return [Place(space, told) for space, told in zip(spaces, said, strict=True)]
