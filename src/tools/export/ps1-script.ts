import { MARK_VALUE, markKey } from "../../runtime/restore/journal/mark.ts";
import { EXIT } from "../cli/shared/exit-code.ts";
import { quoteText } from "./powershell.ts";
import { SESSION_IS_OPEN } from "./session-marks.ts";

/** The functions that read and change HKEY_LOCAL_MACHINE, as `$root`. */
const REGISTRY = String.raw`
# The 64-bit view, also in a 32-bit PowerShell.
$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey(
    [Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)

# Returns the stored value, not expanded, and its kind; $null when it is absent.
function Read-Value($Path, $Name) {
    $key = $root.OpenSubKey($Path)
    if ($null -eq $key) { return $null }
    try {
        if (@($key.GetValueNames()) -notcontains $Name) { return $null }
        $data = $key.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
        return @{ Kind = [string] $key.GetValueKind($Name); Value = $data }
    } finally {
        $key.Close()
    }
}

function Test-SameValue($Found, $Wanted) {
    if ($null -eq $Found -or $null -eq $Wanted) { return $null -eq $Found -and $null -eq $Wanted }
    if ($Found.Kind -cne $Wanted.Kind) { return $false }
    $a = @($Found.Value)
    $b = @($Wanted.Value)
    if ($a.Count -ne $b.Count) { return $false }
    for ($i = 0; $i -lt $a.Count; $i++) {
        if (-not [object]::Equals($a[$i], $b[$i])) { return $false }
    }
    return $true
}

# Writes a value, or with $null removes it. Writes nothing if it is so already: what denied a change
# would also deny its undo.
function Set-Value($Path, $Name, $Wanted) {
    if (Test-SameValue (Read-Value $Path $Name) $Wanted) { return }
    if ($null -eq $Wanted) { $key = $root.OpenSubKey($Path, $true) } else { $key = $root.CreateSubKey($Path) }
    try {
        if ($null -eq $Wanted) { $key.DeleteValue($Name, $false) }
        else { $key.SetValue($Name, $Wanted.Value, [Microsoft.Win32.RegistryValueKind] $Wanted.Kind) }
    } finally {
        $key.Close()
    }
}

function Test-Key($Path) {
    $key = $root.OpenSubKey($Path)
    if ($null -eq $key) { return $false }
    $key.Close()
    return $true
}

function Test-EmptyKey($Path) {
    $key = $root.OpenSubKey($Path)
    if ($null -eq $key) { return $false }
    try { return $key.ValueCount -eq 0 -and $key.SubKeyCount -eq 0 } finally { $key.Close() }
}

function Add-Key($Path) {
    if (-not (Test-Key $Path)) { $root.CreateSubKey($Path).Close() }
}

function Remove-EmptyKey($Path) {
    if (Test-EmptyKey $Path) { $root.DeleteSubKey($Path, $false) }
}

# Returns the missing keys of a path, parents first.
function Get-MissingKey($Path) {
    $parts = $Path.Split('\')
    for ($i = 0; $i -lt $parts.Count; $i++) {
        $part = [string]::Join('\', $parts, 0, $i + 1)
        if (-not (Test-Key $part)) { $part }
    }
}`;

/** Defines a function that leaves while a session of the planned or registered class is open. */
function refuseOpenSession(marks: readonly string[], writerKey: string): string {
  return String.raw`
# These keys have a value exactly while a restore session is open.
$marks = @(${marks.map(quoteText).join(", ")})
# The registered class may be another.
$registered = Read-Value ${quoteText(writerKey)} 'CLSID'
if ($null -ne $registered) { $marks += ${quoteText(markKey(""))} + $registered.Value }

function Exit-DuringSession {
    foreach ($mark in $marks) {
        if ($null -ne (Read-Value $mark '${MARK_VALUE}')) {
            [Console]::Error.WriteLine(${quoteText(SESSION_IS_OPEN)})
            exit ${EXIT.conflict}
        }
    }
}`;
}

/** Finds the changes, and asks once about all of them. */
const ASK = String.raw`
function Format-Value($Change) {
    $name = $Change.Name
    if ($name -eq '') { $name = '(default)' }
    return 'HKLM\{0}, value {1}' -f $Change.Key, $name
}

# Returns the values that differ from what is wanted, in order, each as it is before and after.
function Get-Change {
    if (-not $Unregister) {
        foreach ($entry in $entries) {
            $before = Read-Value $entry.Key $entry.Name
            if (Test-SameValue $before $entry) { continue }
            @{ Key = $entry.Key; Name = $entry.Name; Before = $before; After = $entry }
        }
        return
    }
    for ($i = $entries.Count - 1; $i -ge 0; $i--) {
        $entry = $entries[$i]
        $before = Read-Value $entry.Key $entry.Name
        if ($null -eq $before) { continue }
        $change = @{ Key = $entry.Key; Name = $entry.Name; Before = $before; After = $null }
        if (Test-SameValue $before $entry) { $change }
        else { Write-Warning ('Keeps a value that was changed since: {0}' -f (Format-Value $change)) }
    }
}

$changes = @(Get-Change)
if ($Unregister) {
    $verb = 'Unregister'
    $keys = @($ownKeys | Where-Object { Test-Key $_ })
    $isNeeded = $changes.Count -gt 0 -or @($keys | Where-Object { Test-EmptyKey $_ }).Count -gt 0
} else {
    $verb = 'Register'
    $keys = @($changes | ForEach-Object { Get-MissingKey $_.Key } | Select-Object -Unique)
    $isNeeded = $changes.Count -gt 0
}
if (-not $isNeeded) {
    Write-Output 'No changes were needed.'
    exit ${EXIT.done}
}
Exit-DuringSession
foreach ($change in $changes) {
    if ($null -ne $change.Before -and $change.Before.Kind -eq 'Unknown') {
        [Console]::Error.WriteLine(('{0} has a type that PowerShell cannot write back; nothing was changed. Remove this value and run the script again.' -f (Format-Value $change)))
        exit ${EXIT.failed}
    }
}

# One question for all changes, because some of them without the others are half a registration.
$list = @()
foreach ($change in $changes) {
    if ($Unregister) { $list += '  Remove {0}' -f (Format-Value $change) }
    else { $list += '  Write {0}' -f (Format-Value $change) }
}
if ($Unregister) { foreach ($path in $keys) { $list += '  Remove HKLM\{0} if it is empty' -f $path } }
$question = [string]::Join([Environment]::NewLine, @('{0} the writer {1}, all of this or nothing:' -f $verb, $writerId) + $list)
if (-not $PSCmdlet.ShouldProcess($question, $question, $verb)) {
    if ($WhatIfPreference) { exit ${EXIT.done} }
    Write-Output 'Nothing was changed.'
    exit ${EXIT.failed}
}
# A restore may have begun since.
Exit-DuringSession`;

/** Makes all changes or none, also when PowerShell stops the script. */
const CHANGE = String.raw`
# How many changes were begun.
$begun = 0

# Undoes the changes, the last one first; it can be repeated. Returns a sentence for each change that
# cannot be undone.
function Undo-Change {
    if ($Unregister) {
        for ($i = $keys.Count - 1; $i -ge 0; $i--) {
            try { Add-Key $keys[$i] }
            catch { 'HKLM\{0}: {1}' -f $keys[$i], $_.Exception.Message }
        }
    }
    for ($i = $begun - 1; $i -ge 0; $i--) {
        $change = $changes[$i]
        try { Set-Value $change.Key $change.Name $change.Before }
        catch { '{0}: {1}' -f (Format-Value $change), $_.Exception.Message }
    }
    if (-not $Unregister) {
        for ($i = $keys.Count - 1; $i -ge 0; $i--) {
            try { Remove-EmptyKey $keys[$i] }
            catch { 'HKLM\{0}: {1}' -f $keys[$i], $_.Exception.Message }
        }
    }
}

$isDone = $false
$step = ''
$reason = 'The script was stopped.'
$left = $null
# When PowerShell stops a script, for example on Ctrl+C, it runs only the blocks finally, and what it
# runs in them it does not stop again.
try {
    try {
        foreach ($change in $changes) {
            $step = Format-Value $change
            $begun++
            Set-Value $change.Key $change.Name $change.After
        }
        if ($Unregister) {
            foreach ($path in $keys) {
                $step = 'HKLM\{0}' -f $path
                Remove-EmptyKey $path
            }
        }
        $isDone = $true
    } catch {
        $reason = 'Failed at {0}: {1}' -f $step, $_.Exception.Message
    }
    if (-not $isDone) { $left = @(Undo-Change) }
} finally {
    if (-not $isDone) {
        if ($null -eq $left) { $left = @(Undo-Change) }
        [Console]::Error.WriteLine($reason)
        if ($left.Count -eq 0) {
            [Console]::Error.WriteLine('All changes were undone.')
            exit ${EXIT.failed}
        }
        [Console]::Error.WriteLine('Not everything could be undone:')
        foreach ($one in $left) { [Console]::Error.WriteLine('  {0}' -f $one) }
        [Console]::Error.WriteLine('Fix these problems and run the script again.')
        exit ${EXIT.partlyUndone}
    }
}
Write-Output ('{0}ed. Changed values: {1}.' -f $verb, $changes.Count)`;

/** Returns the script after its tables `$writerId`, `$entries` and `$ownKeys`. */
export function ps1Script(marks: readonly string[], writerKey: string): readonly string[] {
  return [REGISTRY, refuseOpenSession(marks, writerKey), ASK, CHANGE].flatMap((part) =>
    part.split("\n"),
  );
}
