# Backs up the data volume with Windows Server Backup, then damages the data and recovers the
# application twice: once with defaults, once with -noRollForward.
param(
    [Parameter(Mandatory)] [string] $DataFolder,
    [Parameter(Mandatory)] [ValidatePattern('^[D-Z]:$')] [string] $Target,
    [Parameter(Mandatory)] [string] $WorkFolder
)
. (Join-Path $PSScriptRoot 'trial.ps1')

function Get-DataFile {
    param([Parameter(Mandatory)] [string] $Component)
    Join-Path $DataFolder "$Component\ledger.db"
}

# Which process answers for an express writer is not documented.
function Add-WriterStep {
    param([Parameter(Mandatory)] [string] $When)
    $id = (Get-Manifest).writerId
    $writers = @(Invoke-Program vssadmin.exe @('list', 'writers')) -join "`n"
    $isListed = $writers.ToUpperInvariant().Contains($id)
    Add-TrialStep $WorkFolder "writer listed by vssadmin ${When}: $isListed"
    $hosts = @(Get-Process | Where-Object {
        # The modules of protected processes cannot be read.
        try { $_.Modules.ModuleName -contains 'vssapi.dll' } catch { $false }
    } | ForEach-Object { "$($_.ProcessName) $($_.Id)" })
    Add-TrialStep $WorkFolder "processes with vssapi.dll ${When}: $($hosts -join ', ')"
}

function Backup-Volume {
    $volume = Split-Path -Qualifier $DataFolder
    Add-TrialStep $WorkFolder 'backup begins'
    Invoke-Program wbadmin.exe @(
        'start', 'backup', "-backupTarget:$Target", "-include:$volume", '-vssCopy', '-quiet') | Out-Host
    Add-TrialStep $WorkFolder 'backup ended'
    Add-WriterStep 'after the backup'
}

function Get-BackupVersion {
    $set = Get-WBBackupSet | Sort-Object BackupTime | Select-Object -Last 1
    if ($null -eq $set) {
        throw 'Windows Server Backup lists no backup.'
    }
    $set | Format-List * | Out-Host
    $set.Application | Format-List * | Out-Host
    $set.VersionId
}

function Assert-Recoverable {
    param([Parameter(Mandatory)] [string] $Version)
    $items = @(Invoke-Program wbadmin.exe @('get', 'items', "-version:$Version"))
    $items | Out-Host
    $isOffered = ($items -join "`n") -match [regex]::Escape($Trial.Identifier)
    Add-TrialStep $WorkFolder "application offered by Windows Server Backup: $isOffered"
    if (-not $isOffered) {
        throw "The backup does not contain the application $($Trial.Identifier)."
    }
}

function Set-DamagedData {
    Stop-Service -Name $Trial.Service
    foreach ($component in $Trial.Components) {
        Set-Content -LiteralPath (Get-DataFile $component) -Value 'damaged' -Encoding Ascii
    }
    Start-Service -Name $Trial.Service
}

function Restore-Application {
    param(
        [Parameter(Mandatory)] [string] $Version,
        [string[]] $Options = @()
    )
    $title = "recovery $($Options -join ' ')".Trim()
    Add-TrialStep $WorkFolder "$title begins"
    Invoke-Program wbadmin.exe (@(
        'start', 'recovery', "-version:$Version", '-itemType:App', "-items:$($Trial.Identifier)",
        '-quiet') + $Options) | Out-Host
    Add-TrialStep $WorkFolder "$title ended"
}

function Assert-Restored {
    $status = (Get-Service -Name $Trial.Service).Status
    if ("$status" -ne 'Running') {
        throw "Service $($Trial.Service) is $status after the recovery."
    }
    # A running service does not share its file.
    Stop-Service -Name $Trial.Service
    foreach ($component in $Trial.Components) {
        $content = (Get-Content -LiteralPath (Get-DataFile $component) -Raw).Trim()
        if ($content -ne "original $component") {
            throw "$(Get-DataFile $component) contains '$content' after the recovery."
        }
    }
    Start-Service -Name $Trial.Service
}

Add-WriterStep 'before the backup'
Backup-Volume
$version = Get-BackupVersion
Assert-Recoverable -Version $version
foreach ($options in @(), @('-noRollForward')) {
    Set-DamagedData
    Restore-Application -Version $version -Options $options
    Assert-Restored
}
