# The shared functions of the Windows Server Backup trial; dot-source this file.
#
# The trial runs on Windows PowerShell 5.1 in an elevated prompt, on a disposable machine: it
# installs a feature, a service and a scheduled task, and attaches two virtual disks.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$Trial = [pscustomobject]@{
    # A single word, because it is also an argument of wbadmin.
    Identifier = 'ContosoLedger'
    Service    = 'ContosoLedger'
    Folder     = Join-Path $env:ProgramFiles 'wsb-addin trial'
    Repository = (Resolve-Path (Join-Path $PSScriptRoot '..\..')).Path
    Components = @('Accounts', 'Documents')
    # The duration of the consistency check, for which the backup must wait; also in trial-addin.ts.
    CheckSeconds = 45
}

# Runs a program, passes on its output and throws when it fails.
function Invoke-Program {
    param(
        [Parameter(Mandatory)] [string] $Path,
        [string[]] $Arguments = @()
    )
    Write-Host "> $Path $($Arguments -join ' ')"
    & $Path @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$Path ended with exit code $LASTEXITCODE."
    }
}

# Returns the time in the format of the add-in's events: UTC, sortable as text.
function Get-LogTime {
    [DateTime]::UtcNow.ToString(
        'yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture)
}

# Records a step of the trial, to be shown between the add-in's events.
function Add-TrialStep {
    param(
        [Parameter(Mandatory)] [string] $WorkFolder,
        [Parameter(Mandatory)] [string] $Step
    )
    $line = [pscustomobject]@{ time = Get-LogTime; step = $Step } | ConvertTo-Json -Compress
    Add-Content -LiteralPath (Join-Path $WorkFolder 'steps.jsonl') -Value $line -Encoding UTF8
    Write-Host "== $Step"
}

function Read-JsonLines {
    param([Parameter(Mandatory)] [string] $Path)
    Get-Content -LiteralPath $Path -Encoding UTF8 |
        Where-Object { $_.Trim() -ne '' } |
        ForEach-Object { $_ | ConvertFrom-Json }
}

# Returns the manifest of the installed add-in.
function Get-Manifest {
    $text = Get-Content -LiteralPath (Join-Path $Trial.Folder 'wsb-addin.json') -Raw -Encoding UTF8
    $text | ConvertFrom-Json
}

# Returns the folder of the events of the installed add-in and its writer.
function Get-AddinLogFolder {
    Join-Path $env:ProgramData "wsb-addin\$((Get-Manifest).clsid)"
}
