# What the scripts of the Windows Server Backup trial share; dot-source it.
#
# The trial runs on Windows PowerShell 5.1 in an elevated prompt, on a machine that may be thrown
# away: it installs a feature, a service and a scheduled task, and attaches two virtual disks.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$Trial = [pscustomobject]@{
    # One word, because it is also an argument of wbadmin.
    Identifier = 'ContosoLedger'
    Service    = 'ContosoLedger'
    Folder     = Join-Path $env:ProgramFiles 'wsb-addin trial'
    Repository = (Resolve-Path (Join-Path $PSScriptRoot '..\..')).Path
    Components = @('Accounts', 'Documents')
    # How long the consistency check takes, so that the backup has something to wait for; trial-addin.ts.
    CheckSeconds = 45
}

# Runs a program, passes its output on and throws when it fails.
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

# The time as the add-in's log writes it: UTC, and in order when sorted as text.
function Get-LogTime {
    [DateTime]::UtcNow.ToString(
        'yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture)
}

# Notes what the trial itself does, to be read between the lines of the add-in's log.
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

# Folder of the installed add-in's log.
function Get-AddinLogFolder {
    $manifest = Get-Content -LiteralPath (Join-Path $Trial.Folder 'wsb-addin.json') -Raw -Encoding UTF8
    $clsid = ($manifest | ConvertFrom-Json).clsid
    Join-Path $env:ProgramData "wsb-addin\$clsid"
}
