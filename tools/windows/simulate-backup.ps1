# Backs the data up with simulate backup, which drives diskshadow.exe, and checks the copy. The service
# holds a file open without sharing, so that only the shadow copy can be read.
param(
    [Parameter(Mandatory)] [string] $DataFolder,
    [Parameter(Mandatory)] [string] $WorkFolder
)
. (Join-Path $PSScriptRoot 'trial.ps1')

$Work = [IO.Path]::GetFullPath($WorkFolder)
$Cli = Join-Path $Work 'project\node_modules\wsb-addin\dist\cli\main.js'
$Copy = Join-Path $Work 'simulated'

Add-TrialStep -WorkFolder $WorkFolder -Step 'simulate backup begins'
Invoke-Program (Get-Command node.exe).Source @(
    $Cli, 'simulate', 'backup', '--manifest', (Join-Path $Trial.Folder 'wsb-addin.json'), '--to', $Copy)
$drive = $DataFolder.Substring(0, 1)
$below = $DataFolder.Substring(3)
foreach ($component in $Trial.Components) {
    $file = Join-Path $Copy "$drive\$below\$component\ledger.db"
    $text = (Get-Content -LiteralPath $file -Raw).Trim()
    if ($text -ne "original $component") {
        throw "$file is not what was backed up: $text"
    }
}
Add-TrialStep -WorkFolder $WorkFolder -Step 'simulate backup ended: diskshadow.exe was driven'
