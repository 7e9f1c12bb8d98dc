# Shows the add-in's events together with the trial's own steps, throws unless every call arrived,
# and reports undocumented behaviour of Windows. The report also goes to the job's summary.
param([Parameter(Mandatory)] [string] $WorkFolder)
. (Join-Path $PSScriptRoot 'trial.ps1')

$Methods = 'checkConsistency', 'isRollForwardSupported', 'orderComponents', 'preRestore', 'postRestore'

# Describes a line of the event file.
function Get-RecordText {
    param([Parameter(Mandatory)] [object] $Line)
    switch ($Line.event) {
        'message' { return $Line.text }
        'callReceived' { return "$($Line.method) called." }
        'callAnswered' { return "$($Line.method) answered $($Line.hresult)." }
        'serverStarted' { return 'Serving.' }
    }
    if ($Line.PSObject.Properties['service']) { return "$($Line.event) $($Line.service)" }
    return $Line.event
}

function Get-Timeline {
    $log = Join-Path (Get-AddinLogFolder) 'addin.jsonl'
    if (-not (Test-Path -LiteralPath $log)) {
        throw "$log is missing, so Windows Server Backup never started the add-in."
    }
    $calls = Read-JsonLines -Path $log | ForEach-Object {
        [pscustomobject]@{ Time = $_.time; Pid = [string]$_.pid; Text = Get-RecordText $_ }
    }
    $steps = Read-JsonLines -Path (Join-Path $WorkFolder 'steps.jsonl') | ForEach-Object {
        [pscustomobject]@{ Time = $_.time; Pid = ''; Text = "== $($_.step)" }
    }
    # Windows PowerShell's sort is not stable for equal times.
    $index = 0
    @($calls) + @($steps) |
        ForEach-Object { $_ | Add-Member -PassThru -NotePropertyName Index -NotePropertyValue ($index++) } |
        Sort-Object Time, Index
}

# Returns the entries of the timeline whose text starts with a prefix.
function Select-Entry {
    param(
        [Parameter(Mandatory)] [object[]] $Timeline,
        [Parameter(Mandatory)] [string] $Prefix
    )
    @($Timeline | Where-Object { $_.Text.StartsWith($Prefix, [StringComparison]::Ordinal) })
}

function Get-Processes {
    param([Parameter(Mandatory)] [AllowEmptyCollection()] [object[]] $Entries)
    @($Entries | ForEach-Object { $_.Pid } | Sort-Object -Unique) -join ', '
}

# Returns the largest number of simultaneous calls of a method.
function Measure-Overlap {
    param(
        [Parameter(Mandatory)] [object[]] $Timeline,
        [Parameter(Mandatory)] [string] $Method
    )
    $open = 0
    $most = 0
    foreach ($entry in $Timeline) {
        if ($entry.Text.StartsWith("${Method}: begins")) { $open++ }
        if ($entry.Text.StartsWith("${Method}: ends")) { $open-- }
        $most = [Math]::Max($most, $open)
    }
    $most
}

function Get-WaitAnswer {
    param([Parameter(Mandatory)] [object[]] $Timeline)
    $checks = @(Select-Entry $Timeline 'checkConsistency: ends')
    $backup = @(Select-Entry $Timeline '== backup ended')
    if ($checks.Count -eq 0) {
        return 'no check ended: 0x007A0004 was not understood as "in progress", or the check was aborted'
    }
    $last = ($checks | Select-Object -Last 1).Time
    if ($last -lt $backup[0].Time) {
        return "the backup waited for the check of $($Trial.CheckSeconds) s: 0x007A0004 is understood"
    }
    'the backup ended before the check did: 0x007A0004 is not understood'
}

# Returns what the trial itself has seen of the writer.
function Get-StepAnswer {
    param(
        [Parameter(Mandatory)] [object[]] $Timeline,
        [Parameter(Mandatory)] [string] $Step
    )
    $prefix = "== $Step"
    $found = @(Select-Entry $Timeline $prefix | ForEach-Object { $_.Text.Substring(3) })
    if ($found.Count -eq 0) { return 'not reached' }
    $found -join '; '
}

function Get-Answers {
    param([Parameter(Mandatory)] [object[]] $Timeline)
    $pre = @(Select-Entry $Timeline 'preRestore called.')
    $post = @(Select-Entry $Timeline 'postRestore called.')
    $order = @($Timeline | Where-Object { $_.Text -match '^(\w+) called\.$' } |
        ForEach-Object { $_.Text -replace ' called\.$', '' })
    $values = @($Timeline | Where-Object { $_.Text -match '"noRollForward":(true|false)' } |
        ForEach-Object { [regex]::Match($_.Text, '"noRollForward":(true|false)').Groups[1].Value } |
        Sort-Object -Unique)
    [ordered]@{
        'Is the writer listed?'                 = Get-StepAnswer $Timeline 'writer listed by vssadmin'
        'Is the application offered?'           = Get-StepAnswer $Timeline 'application offered'
        'Which process answers for the writer?' = Get-StepAnswer $Timeline 'processes with vssapi.dll'
        'Does simulate backup drive diskshadow?' = Get-StepAnswer $Timeline 'simulate backup ended'
        'Events of the writer'                  = @($Timeline | Where-Object { $_.Text -match '^(\w+): writer ' } |
            ForEach-Object { ($_.Text -split ':')[0] }) -join ', '
        'Order of the calls'                    = $order -join ', '
        'WSBAPP_ASYNC_IN_PROGRESS'              = Get-WaitAnswer $Timeline
        'Processes that served PreRestore'      = Get-Processes $pre
        'Processes that served PostRestore'     = Get-Processes $post
        'Most simultaneous PreRestore calls' = Measure-Overlap $Timeline 'preRestore'
        'Most simultaneous checks'           = Measure-Overlap $Timeline 'checkConsistency'
        'bNoRollForward seen'                   = $values -join ', '
        # The events have no thread ids, because handlers always run on the JavaScript thread.
        'COM threads'                           = 'not recorded'
    }
}

function Assert-Calls {
    param([Parameter(Mandatory)] [object[]] $Timeline)
    $missing = @($Methods | Where-Object { @(Select-Entry $Timeline "$_ called.").Count -eq 0 })
    if ($missing.Count -gt 0) {
        throw "Windows Server Backup never called: $($missing -join ', ')."
    }
    # Two recoveries of every component.
    $expected = 2 * $Trial.Components.Count
    foreach ($method in 'preRestore', 'postRestore') {
        $count = @(Select-Entry $Timeline "$method called.").Count
        if ($count -ne $expected) {
            throw "$method was called $count times instead of $expected."
        }
    }
}

$timeline = @(Get-Timeline)
$answers = Get-Answers $timeline
$report = @('## Calls of Windows Server Backup', '', '| Question | Seen |', '|---|---|') +
    @($answers.Keys | ForEach-Object { "| $_ | $($answers[$_]) |" }) +
    @('', '```text') +
    @($timeline | ForEach-Object { '{0}  {1,6}  {2}' -f $_.Time, $_.Pid, $_.Text }) +
    @('```')
$report | Out-Host
if (Test-Path Env:GITHUB_STEP_SUMMARY) {
    $report | Out-File -FilePath $env:GITHUB_STEP_SUMMARY -Encoding utf8 -Append
}
# Checked last, so that a missing call does not hide the calls that arrived.
Assert-Calls $timeline
