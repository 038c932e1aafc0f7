#!/usr/bin/env bash
# Publishes Renewals.Host as one file for each platform, with the runtime in it: nothing needs to be installed where it runs.
#
#   Renewals.Host/Deploy/publish.sh                  all platforms, into artifacts/publish/<platform>/
#   Renewals.Host/Deploy/publish.sh linux-x64        one of them
#   Renewals.Host/Deploy/publish.sh --output /srv linux-x64 win-x64
set -euo pipefail
cd "$(dirname "$0")/../.."

platforms=(linux-x64 linux-arm64 win-x64)
output=artifacts/publish
chosen=()
while [ $# -gt 0 ]; do
  case "$1" in
    --output) output=${2:?--output wants a folder}; shift 2 ;;
    -h|--help) sed -n '2,6p' "$0" | cut -c3-; exit 0 ;;
    *)
      case " ${platforms[*]} " in
        *" $1 "*) chosen+=("$1") ;;
        *) echo "There is no platform '$1' here; there are ${platforms[*]}." >&2; exit 1 ;;
      esac
      shift ;;
  esac
done
[ ${#chosen[@]} -gt 0 ] || chosen=("${platforms[@]}")

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
for platform in "${chosen[@]}"; do
  folder=$output/$platform
  rm -rf "$folder"
  dotnet publish Renewals.Host -c Release -r "$platform" -o "$folder" -v quiet
  program=$folder/Renewals.Host
  [ "$platform" = win-x64 ] && program=$program.exe
  [ -f "$program" ] || { echo "$platform: $program was not made." >&2; exit 1; }
  printf '%-12s %s  %s\n' "$platform" "$(du -h "$program" | cut -f1)" "$program"
done
